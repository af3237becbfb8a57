// Keeps the calculator for use without a network.  The build puts three constants in front of this: BUILD, which
// changes with any of the files, PAGE, the files of the calculator, and REST, those that can wait.
// One build is one cache, so that a page never meets files of another build.
const OURS = `headroom ${registration.scope} `;
const NAME = OURS + BUILD;
const ROOT = new URL(registration.scope).pathname;

/** Named after its content, so that it never changes. */
const isFixed = (url) => /-[0-9a-f]{10}\.\w+$/.test(url);

// What was redirected may not be answered to whoever asks for a page.
const unredirected = (response) => (response.redirected ? new Response(response.body, response) : response);

async function keep(cache, name) {
  const url = new URL(name, registration.scope).href;
  const fresh = isFixed(url) ? "default" : "no-cache";
  const response = (isFixed(url) && (await caches.match(url))) || (await fetch(url, { cache: fresh }));
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  await cache.put(url, unredirected(response));
}

async function install() {
  const cache = await caches.open(NAME);
  await Promise.all(PAGE.map((name) => keep(cache, name)));
  // Kept when they are asked for, otherwise.
  if (!navigator.connection?.saveData) await Promise.allSettled(REST.map((name) => keep(cache, name)));
}

// A new build waits until nobody uses the old one any more, or somebody says so.
addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("message", ({ data }) => {
  if (data === "activate") skipWaiting();
});

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== NAME).map((name) => caches.delete(name)));
  await clients.claim();
}

addEventListener("activate", (event) => event.waitUntil(activate()));

// What a query says is the page's own business.
const OPTIONS = { ignoreSearch: true, ignoreVary: true };

async function kept(url) {
  const cache = await caches.open(NAME);
  const { origin, pathname } = url;
  // A host may leave `.html` and `index.html` away, or not.
  const names = [pathname, `${pathname}.html`, pathname.replace(/index\.html$/, "")];
  for (const name of names) {
    const response = await cache.match(origin + name, OPTIONS);
    if (response) return response;
  }
  return undefined;
}

// From the network, and kept for when there is none.
async function fetched(event, url) {
  const response = await fetch(event.request);
  if (response.ok) {
    const copy = unredirected(response.clone());
    const put = async () => (await caches.open(NAME)).put(url.origin + url.pathname, copy);
    // Where there is no room, it is not kept.
    event.waitUntil(put().catch(() => {}));
  }
  return response;
}

// Where there is no cache, the network is all there is.
const first = async (event, url) => (await kept(url).catch(() => undefined)) ?? fetched(event, url);

const asked = async (url, request) => (await kept(url).catch(() => undefined)) ?? fetch(request);

async function latest(event, url, isKept) {
  try {
    return await (isKept ? fetched(event, url) : fetch(event.request));
  } catch (error) {
    const response = await kept(url);
    if (response) return response;
    throw error;
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(ROOT)) return;
  if (request.mode !== "navigate") {
    const isKept = isFixed(url.pathname) || PAGE.includes(url.pathname.slice(ROOT.length));
    if (isKept) event.respondWith(first(event, url));
  } else if (url.pathname === ROOT || url.pathname === `${ROOT}index.html`) {
    // The calculator asks before it takes a new build; inside another page nobody could be asked.
    const isAsking = request.destination === "document" && url.searchParams.get("embed") !== "1";
    event.respondWith(isAsking ? asked(url, request) : latest(event, url, false));
  } else if (/(\/|\.html|\/[^.]*)$/.test(url.pathname)) {
    event.respondWith(latest(event, url, true));
  }
});
