// What somebody did to the page before the program started, noted and done again once it has: nothing typed is lost, and
// nothing jumps.
const app = document.getElementById("app");

// Where an element is among all of the page: the program draws the same ones.
function place(element) {
  if (!app.contains(element ?? null)) {
    return undefined;
  }
  const path = [];
  for (let here = element; here !== app; here = here.parentElement) {
    path.unshift([...here.parentElement.children].indexOf(here));
  }
  return path;
}

function find(path) {
  return path?.reduce((here, index) => here?.children[index], app);
}

// The button or the view that was pressed last, while nothing could come of it.
let pressed;
function press(event) {
  pressed = event.target.closest?.("button, a[data-tab]");
  // The address of a view would load the page anew; one that is to open elsewhere may.
  if (pressed?.matches("a") && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
  }
}
addEventListener("click", press, true);

const isResult = (element) => Boolean(element?.closest("#result"));

function folds(areResults) {
  return [...app.querySelectorAll("details[open]")].filter((fold) => isResult(fold) === areResults).map(place);
}

function unfold(paths) {
  for (const path of paths) {
    const fold = find(path);
    if (fold && !fold.open) {
      fold.querySelector("summary")?.click();
    }
  }
}

// What was done before the first part of the program takes over the fields.
export function note() {
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
    folds: folds(false),
    pressed: isResult(pressed) ? undefined : place(pressed),
    focused: place(focused),
    selection: [focused?.selectionStart, focused?.selectionEnd, focused?.selectionDirection],
    scroll: [scrollX, scrollY],
  };
}

export async function redo(before) {
  unfold(before.folds);
  for (const [path, value, event] of before.typed) {
    const field = find(path);
    field.value = value;
    field.dispatchEvent(new Event(event, { bubbles: true }));
  }
  const element = find(before.focused);
  element?.focus({ preventScroll: true });
  // What was pressed says where the focus goes next.
  find(before.pressed)?.click();
  // What the program draws of all this, it draws before the page is painted.
  await undefined;
  if (typeof before.selection[0] === "number") {
    element?.setSelectionRange?.(...before.selection);
  }
  if (scrollX !== before.scroll[0] || scrollY !== before.scroll[1]) {
    scrollTo(...before.scroll);
  }
}

// The same for the result, which the second part takes over.
export function redoResult() {
  const before = { folds: folds(true), pressed: isResult(pressed) ? place(pressed) : undefined };
  removeEventListener("click", press, true);
  setTimeout(() => {
    unfold(before.folds);
    find(before.pressed)?.click();
    performance.mark("complete");
  });
}
