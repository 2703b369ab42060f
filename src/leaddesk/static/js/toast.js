// Toasts: what was done, with its undo, for ten seconds; longer while somebody points at it or has it in focus.
const LASTS = 10_000;

function leaveLater(toast) {
  let timer;
  const stay = () => clearTimeout(timer);
  const leave = () => {
    stay();
    timer = setTimeout(() => toast.remove(), LASTS);
  };
  for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, stay);
  for (const kind of ["pointerleave", "focusout"]) toast.addEventListener(kind, leave);
  leave();
}

/** Show a toast; `undo` is a function that takes it back, or does what the button is called. */
export function toast(text, undo, called = "") {
  const place = document.querySelector(".toasts");
  const one = document.createElement("div");
  one.className = "toast";
  one.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: called || place.dataset.undo });
    if (!called) button.dataset.key = "u";
    button.addEventListener("click", () => {
      one.remove();
      undo();
    });
    one.append(button);
  }
  place.append(one);
  leaveLater(one);
  return one;
}

export function startToasts() {
  for (const one of document.querySelectorAll(".toast")) leaveLater(one);
  document.addEventListener("htmx:afterSwap", () => {
    for (const one of document.querySelectorAll(".toast:not([data-leaves])")) {
      one.dataset.leaves = "yes";
      leaveLater(one);
    }
  });
}
