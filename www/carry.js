// What somebody did to the page before the program started, noted and done again once it has: nothing typed is lost, and
// nothing jumps.
const app = document.getElementById("app");

// Where an element is among all of the page: the program draws the same ones.
function place(element) {
  const path = [];
  for (let here = element; here !== app; here = here.parentElement) {
    if (!here) {
      return undefined;
    }
    path.unshift([...here.parentElement.children].indexOf(here));
  }
  return path;
}

function find(path) {
  return path?.reduce((here, index) => here?.children[index], app);
}

// The button that was pressed last, while nothing could come of it.
let pressed;
function press(event) {
  pressed = event.target.closest?.("button");
}
addEventListener("click", press, true);

export function note() {
  removeEventListener("click", press, true);
  const typed = [];
  for (const field of app.querySelectorAll("input, select, textarea")) {
    const chosen = field.options && [...field.options].find((option) => option.defaultSelected);
    if (field.value !== (field.options ? chosen?.value : field.defaultValue)) {
      typed.push([place(field), field.value, field.options ? "change" : "input"]);
    }
  }
  const focused = document.activeElement;
  return {
    typed,
    folds: [...app.querySelectorAll("details[open]")].map(place),
    pressed: place(pressed),
    focused: focused === document.body ? undefined : place(focused),
    selection: [focused?.selectionStart, focused?.selectionEnd, focused?.selectionDirection],
    scroll: [scrollX, scrollY],
  };
}

export async function redo({ typed, folds, pressed, focused, selection, scroll }) {
  for (const path of folds) {
    const fold = find(path);
    if (fold && !fold.open) {
      fold.querySelector("summary").click();
    }
  }
  for (const [path, value, event] of typed) {
    const field = find(path);
    field.value = value;
    field.dispatchEvent(new Event(event, { bubbles: true }));
  }
  const element = find(focused);
  element?.focus({ preventScroll: true });
  // What was pressed says where the focus goes next.
  find(pressed)?.click();
  // What the program draws of all this, it draws before the page is painted.
  await undefined;
  if (typeof selection[0] === "number") {
    element?.setSelectionRange?.(...selection);
  }
  if (scrollX !== scroll[0] || scrollY !== scroll[1]) {
    scrollTo(...scroll);
  }
}
