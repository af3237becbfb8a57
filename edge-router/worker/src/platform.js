// What Rust asks of the network, each as one promise: a promise more in Rust is a kilobyte more of module.

// Most of a probe's body that is read, in characters; how long the health object may take, in milliseconds.
const LONGEST = 64 * 1024;
const PATIENCE = 5_000;

/**
 * A probe, which follows nothing, waits for so long, and reads so much.
 * Status and beginning of the body; null where nothing came in time, undefined where the connection failed.
 */
export async function probe(url, headers, timeout) {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { headers, signal, redirect: "manual", cache: "no-store" });
    return [response.status, await beginning(response, LONGEST)];
  } catch {
    return signal.aborted ? null : undefined;
  }
}

/** The first so many characters of a body. */
export async function beginning(response, longest) {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < longest) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  reader.cancel().catch(() => {});
  return text;
}

/** Asks the health object, which is one, under its name; the status and the body of its answer. */
export async function askHealthObject(env, path, body) {
  const object = env.HEALTH.get(env.HEALTH.idFromName("health"), { locationHint: env.HEALTH_LOCATION });
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await object.fetch(`https://health${path}`, body === undefined ? { signal } : { method: "POST", body, signal });
  return [response.status, await response.text()];
}
