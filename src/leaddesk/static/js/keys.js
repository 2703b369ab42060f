// Keys: each key has a visible button or link, `data-key` names it there, and pressing the key presses that.
// J and K move through the rows of `[data-list]`; `?` lists the keys of the page.

const TYPING = "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable]";

export const isTyping = (event) => event.isComposing || event.keyCode === 229 || event.target.closest?.(TYPING);
const areOff = () => document.documentElement.dataset.keys === "off";
const isShown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")].filter(isShown);
export const chosenRow = () => document.querySelector("[data-row][aria-current=true]");

export function choose(row, { focus = true } = {}) {
  for (const one of rows()) {
    one.toggleAttribute("aria-current", false);
    one.tabIndex = -1;
  }
  row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  if (focus) row.focus();
  row.dispatchEvent(new CustomEvent("row:chosen", { bubbles: true }));
}

function moved(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(chosenRow());
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1);
  choose(all[next]);
}

/** The elements that keys press: those of the open dialog, else of the chosen row first, then of the page. */
export function pressable() {
  const dialogs = [...document.querySelectorAll("dialog[open]")];
  if (dialogs.length) return [...dialogs.at(-1).querySelectorAll("[data-key]")].filter(isShown);
  const row = chosenRow() ?? rows()[0];
  const all = [...document.querySelectorAll("[data-key]")].filter(isShown);
  return all
    .filter((one) => !one.closest("[data-row]") || one.closest("[data-row]") === row)
    .sort((one, other) => Number(Boolean(other.closest("[data-row]"))) - Number(Boolean(one.closest("[data-row]"))));
}

function press(element, event) {
  event.preventDefault();
  if (element.matches(TYPING)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || areOff()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const inDialog = document.querySelector("dialog[open]");
  if (!inDialog && (key === "j" || key === "k")) {
    event.preventDefault();
    moved(key === "j" ? 1 : -1);
  } else if (!inDialog && key === "?") {
    event.preventDefault();
    listKeys();
  } else if (key === "Enter" && event.target.matches?.("[data-row]")) {
    const link = event.target.querySelector("[data-open], a[href]");
    if (link) press(link, event);
  } else {
    const found = pressable().find((one) => one.dataset.key === key);
    if (found) press(found, event);
  }
}

/** What the element does, in words. */
export const wordsOf = (one) => one.dataset.command || one.getAttribute("aria-label") || one.dataset.does || withoutKey(one);

function withoutKey(one) {
  const copy = one.cloneNode(true);
  for (const mark of copy.querySelectorAll("kbd, .visually-hidden")) mark.remove();
  return copy.textContent.trim() || one.labels?.[0]?.textContent.trim() || "";
}

/** Every key of the page with what it does, each key once. */
export function registry() {
  const found = new Map();
  if (rows().length) {
    const list = document.querySelector("[data-list]");
    for (const [key, words] of [["j", list.dataset.next], ["k", list.dataset.previous], ["Enter", list.dataset.enter]]) if (words) found.set(key, words);
  }
  for (const one of pressable()) if (!found.has(one.dataset.key)) found.set(one.dataset.key, wordsOf(one));
  return found;
}

function listKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const list = dialog.querySelector("[data-keys-list]");
  list.replaceChildren(
    ...[...registry()].flatMap(([key, words]) => {
      const term = document.createElement("dt");
      const mark = document.createElement("kbd");
      mark.textContent = key.length === 1 ? key.toUpperCase() : key;
      term.append(mark);
      const told = document.createElement("dd");
      told.textContent = words;
      return [term, told];
    }),
  );
  dialog.showModal();
}

export function startKeys() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-opens]")) {
      const id = event.target.closest("[data-opens]").dataset.opens;
      if (id === "keys") listKeys();
      else document.getElementById(id)?.showModal();
    }
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    const row = event.target.closest("[data-list] [data-row]");
    if (row) choose(row, { focus: false });
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-list] [data-row]");
    if (row && row.getAttribute("aria-current") !== "true") choose(row, { focus: false });
  });
  // A choice in a form marked so is sent at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-sends]")) event.target.form?.requestSubmit();
  });
}
