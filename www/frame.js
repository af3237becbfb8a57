// The page inside another page: says how high it is, follows the theme and the scenario it is given, and tells what
// follows from it.  Any page may be around it; only that one is listened to, and nothing is done but what is known here.

// Higher than this, the frame scrolls.
const HIGHEST = 16384;
// How long after the frame's height has changed, in milliseconds, a change of the content's may come from that.
const ECHO = 200;
// How often a height may follow from nothing but the frame's own height before that counts as a circle.
const ECHOES = 3;

const root = document.documentElement;
const query = new URLSearchParams(location.search);

// The scenario is the page's own, or was typed by who looks at it in that page: it may know, whichever it is.
const tell = (type, more) => parent.postMessage({ headroom: 1, type, ...more }, "*");

function paint(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

// The way to the whole page, with what the fields say now.
function whole() {
  const address = new URL(location.href);
  address.searchParams.delete("embed");
  address.searchParams.delete("theme");
  return address.href;
}

function linkToWhole() {
  const foot = document.createElement("footer");
  foot.className = "embed-foot";
  const link = document.createElement("a");
  link.textContent = "Open in Headroom";
  link.target = "_blank";
  link.rel = "noopener";
  link.href = whole();
  // The address changes without a word.
  for (const event of ["pointerdown", "focus", "click"]) {
    link.addEventListener(event, () => (link.href = whole()), { capture: true });
  }
  foot.append(link);
  document.body.append(foot);
}

// Says the height of the content whenever it has changed.  Where it only follows the height of the frame, which follows
// what is said here, that would go on for ever.
function measure() {
  let said = 0;
  let width = innerWidth;
  let echoes = 0;
  let resized = -Infinity;
  addEventListener("resize", () => {
    if (innerWidth === width) resized = performance.now();
    width = innerWidth;
  });
  return () => {
    const now = Math.ceil(document.body.getBoundingClientRect().height);
    if (Math.abs(now - said) < 2) return;
    echoes = performance.now() - resized < ECHO ? echoes + 1 : 0;
    if (echoes > ECHOES) return;
    said = now;
    if (root.dataset.embed === "sized" && now > HIGHEST) root.dataset.embed = "open";
    tell("height", { height: Math.min(now, HIGHEST) });
  };
}

// Shows another view or scenario without loading the page anew.
function show(view, fragment) {
  const address = new URL(location.href);
  if (view) address.searchParams.set("view", view);
  else address.searchParams.delete("view");
  address.hash = fragment;
  history.replaceState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Marks the page as embedded; to be called before the calculator starts. */
export function embed() {
  root.dataset.embed = "open";
  paint(query.get("theme"));
  linkToWhole();
  if (parent === window) return;

  const report = measure();
  let isReady = false;
  let [view, fragment] = [query.get("view") ?? "", location.hash];
  document.addEventListener("headroom-plan", (event) => {
    if (!isReady) {
      isReady = true;
      tell("ready");
      new ResizeObserver(report).observe(document.body);
      // Where nothing is painted, nothing is observed.
      report();
    }
    tell("change", JSON.parse(event.detail));
  });
  document.addEventListener("headroom-failed", () => tell("failed", { fragment: location.hash }));
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.headroom !== 1) return;
    if (data.type === "set" && typeof data.fragment === "string" && typeof data.view === "string") {
      // Whoever sends this gives the frame the height it asks for.
      if (root.dataset.embed === "open") root.dataset.embed = "sized";
      paint(data.theme);
      // What was typed here since stays, unless something else is asked for.
      if (data.view !== view || data.fragment !== fragment) {
        ({ view, fragment } = data);
        show(view, fragment);
      }
    }
  });
}
