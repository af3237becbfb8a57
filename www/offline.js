// Keeps the page for use without a network, and says when there is a new version of it.  Not where it is a guest in
// another page, and not before somebody uses it: what the worker fetches is in nobody's way then.

// The scenario survives a reload: it is in the address.
function renew(registration) {
  if (!registration.waiting) {
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting.postMessage("activate");
}

function button(text, className, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = text;
  element.addEventListener("click", action);
  return element;
}

function offer(registration) {
  if (document.querySelector(".update")) return;
  const bar = document.createElement("div");
  bar.className = "update";
  bar.setAttribute("role", "status");
  document.body.append(bar);
  // Spoken is what changes in what is there already.
  setTimeout(() => {
    const text = document.createElement("span");
    text.textContent = "A new version is ready.";
    const reload = button("Reload", "primary", () => renew(registration));
    bar.append(text, reload, button("Later", "quiet", () => bar.remove()));
  }, 100);
}

// The first worker of all replaces nothing.
function follow(registration, worker) {
  const look = () => {
    if (worker.state === "installed" && registration.active) offer(registration);
  };
  look();
  worker.addEventListener("statechange", look);
}

async function register() {
  try {
    const script = new URL("service-worker.js", import.meta.url);
    const registration = await navigator.serviceWorker.register(script, { updateViaCache: "none" });
    for (const worker of [registration.waiting, registration.installing]) {
      if (worker) follow(registration, worker);
    }
    registration.addEventListener("updatefound", () => {
      if (registration.installing) follow(registration, registration.installing);
    });
    // A page may stay open for weeks.
    document.addEventListener("visibilitychange", () => {
      // Without a network there is nothing new.
      if (document.visibilityState === "visible") registration.update().catch(() => {});
    });
  } catch (error) {
    // Some browsers have it and do not allow it, as in private windows: the page only needs a network then.
    console.warn(error);
  }
}

/** Loads the page anew, in its newest version that is here. */
export async function reload() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  if (registration) renew(registration);
  else location.reload();
}

/** To be called once all of the page is there. */
export function keep() {
  const isGuest = parent !== window || "embed" in document.documentElement.dataset;
  if (isGuest || !navigator.serviceWorker) return;
  if (window.requestIdleCallback) requestIdleCallback(register);
  else setTimeout(register, 1000);
}
