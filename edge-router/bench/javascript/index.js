// The least that a worker can do: what `cargo xtask bench router` measures the router against.
export default {
  fetch: (request, env) => fetch(env.ORIGIN + request.url.slice(request.url.indexOf("/", 8)), request),
};
