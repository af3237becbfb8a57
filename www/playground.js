// The routing playground: fetched when it is opened, together with its styles.
import start, { open as draw } from "./routing_playground.js";

const STYLES = new URL("playground.css", import.meta.url).href;

function styled() {
  if ([...document.styleSheets].some((sheet) => sheet.href === STYLES)) {
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = STYLES;
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error("the playground's styles could not be loaded")));
    document.head.append(link);
  });
}

/** Opens the playground in an element, in the place of what is in it. */
export async function open(host) {
  await Promise.all([start(), styled()]);
  host.replaceChildren();
  draw(host, Math.floor(Math.random() * 2 ** 32));
}
