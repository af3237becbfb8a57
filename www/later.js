// The second part of the calculator: the arithmetic and what is drawn of it.  It is fetched at the first sign of somebody
// who uses the page, or at once where the address asks for a result of its own.
import { initSync } from "./calculator.js";
import { redoResult } from "./carry.js";
import { keep } from "./offline.js";

const SIGNS = ["focusin", "keydown", "pointerdown", "pointermove", "scroll", "touchstart", "wheel"];

const sign = new Promise((resolve) => {
  if (location.hash.includes("=") || /[?&](view|embed)=/.test(location.search)) {
    resolve();
  }
  for (const name of SIGNS) {
    addEventListener(name, resolve, { capture: true, once: true, passive: true });
  }
});

// The styles of what only the second part draws: there before it is drawn.
function styled() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("charts.css", import.meta.url).href;
  return new Promise((resolve) => {
    // Without them everything is still there to be read.
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}

async function fetched() {
  const response = await fetch(new URL("calculator_later.wasm", import.meta.url));
  if (!response.ok) {
    throw new Error(`${response.url}: ${response.status}`);
  }
  return response;
}

// On their way before the first part has started.
const styles = sign.then(styled);
let response = sign.then(fetched);
response.catch(() => {});

export async function load() {
  const wasm = initSync();
  const shared = {
    __indirect_function_table: wasm.__indirect_function_table,
    __wasm_split_shared0: wasm.__wasm_split_shared0,
    memory: wasm.memory,
  };
  try {
    const module = await (await (response ??= fetched())).arrayBuffer();
    await WebAssembly.instantiate(module, { __wasm_split: shared });
    await styles;
    redoResult();
    keep();
  } catch (error) {
    // Whoever asks next tries again.
    response = undefined;
    throw error;
  }
}
