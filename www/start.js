// Starts the calculator, and says what to do where it cannot run or stops.
import start, { begin } from "./calculator.js";
import { note, redo } from "./carry.js";
import { embed } from "./frame.js";
import { reload } from "./offline.js";

function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}

// The page as it was is of no use any more: show the way back to the scenario, which is in the address.
function fail(title, advice, error) {
  const section = document.createElement("section");
  section.className = "failure";
  section.setAttribute("role", "alert");
  const heading = document.createElement("h2");
  heading.textContent = title;
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = location.href;
  const way = paragraph("Your scenario is kept in this link: ");
  way.append(link);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "primary";
  button.textContent = "Reload the page";
  button.addEventListener("click", reload);
  const detail = document.createElement("pre");
  detail.textContent = String(error);
  section.append(heading, paragraph(advice), way, button, detail);
  document.getElementById("app").replaceChildren(section);
  document.dispatchEvent(new Event("headroom-failed"));
  heading.tabIndex = -1;
  heading.focus();
}

// A panic ends in a trap, which the browser reports here.
addEventListener("error", (event) => {
  // What is out of order after that is no news.
  if (document.querySelector("#app > .failure")) return;
  const isDeep = event.error instanceof RangeError && String(event.error.stack).includes("wasm");
  if (event.error instanceof WebAssembly.RuntimeError || isDeep) {
    fail("The calculator has stopped", "This is a mistake in the calculator, not in your input.", event.error);
  }
});

// The fragment of the address holds the scenario, so going to a place in the page must not change it.
document.querySelector(".skip").addEventListener("click", (event) => {
  const target = document.getElementById(event.currentTarget.hash.slice(1));
  if (target) {
    event.preventDefault();
    target.focus();
    target.scrollIntoView();
  }
});

// What is dropped beside the place for files must not take the place of the page.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => event.preventDefault());
}

// The same file may be chosen once more, after it was changed.
addEventListener("change", ({ target }) => {
  if (target.type === "file") setTimeout(() => (target.value = ""), 1000);
});

// The playground is a program of its own, beside the calculator and not inside it: each looks after its own elements.
const opener = document.getElementById("open-playground");
const refusal = paragraph("");
refusal.setAttribute("role", "alert");
opener.after(refusal);
opener.addEventListener("click", async () => {
  opener.disabled = true;
  refusal.textContent = "";
  try {
    const playground = await import(new URL("playground.js", import.meta.url).href);
    await playground.open(document.getElementById("playground"));
    // The button that was pressed is gone.
    const heading = document.getElementById("playground-heading");
    heading.tabIndex = -1;
    heading.focus();
  } catch (error) {
    opener.disabled = false;
    refusal.textContent = `The playground could not be opened: ${error.message}`;
  }
});

if (new URLSearchParams(location.search).get("embed") === "1") embed();

// The page as it stands is to be seen before anything else is fetched.  One in the background is not painted at all, and a
// browser that does not say when it painted is not waited for.
function painted() {
  return new Promise((resolve) => {
    new PerformanceObserver((paints) => {
      if (paints.getEntriesByName("first-contentful-paint").length > 0) resolve();
    }).observe({ type: "paint", buffered: true });
    setTimeout(resolve, document.visibilityState === "hidden" ? 0 : 1000);
  });
}

try {
  await painted();
  await start();
  // All in one task, so that nobody can do anything in between and nothing is painted.
  const before = note();
  begin();
  await undefined;
  await redo(before);
  performance.mark("started");
} catch (error) {
  fail(
    "The calculator could not start",
    "Reload the page. If that does not help, the browser is too old or not allowed to run WebAssembly.",
    error,
  );
}
