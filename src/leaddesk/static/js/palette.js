// Palette: Ctrl or Cmd with K lists where one can go and what the page can do.
import { wordsOf } from "./keys.js";

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function commands() {
  const seen = new Set();
  return [...document.querySelectorAll(".side nav a[href], [data-command]")].flatMap((one) => {
    const words = wordsOf(one);
    if (!words || seen.has(words)) return [];
    seen.add(words);
    return [{ words, key: one.dataset.key, does: () => one.click() }];
  });
}

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  let shown = [];
  let at = 0;

  const draw = () => {
    const sought = fold(input.value.trim());
    shown = dialog.commands.filter((one) => fold(one.words).includes(sought));
    if (sought && input.dataset.search) {
      const words = input.dataset.searchWords.replace("…", input.value.trim());
      shown.push({ words, does: () => location.assign(`${input.dataset.search}?q=${encodeURIComponent(input.value.trim())}`) });
    }
    at = Math.min(at, Math.max(shown.length - 1, 0));
    list.replaceChildren(
      ...shown.map((one, place) => {
        const item = document.createElement("li");
        item.id = `palette-${place}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(place === at));
        item.append(Object.assign(document.createElement("span"), { textContent: one.words }));
        if (one.key) item.append(Object.assign(document.createElement("kbd"), { textContent: one.key.toUpperCase() }));
        item.addEventListener("click", () => run(place));
        return item;
      }),
    );
    input.setAttribute("aria-activedescendant", shown.length ? `palette-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const run = (place) => {
    dialog.close();
    shown[place]?.does();
  };
  const open = () => {
    dialog.commands = commands();
    input.value = "";
    at = 0;
    draw();
    dialog.showModal();
    input.focus();
  };

  input.addEventListener("input", () => {
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(shown.length, 1);
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!dialog.open) open();
    }
  });
  for (const button of document.querySelectorAll("[data-palette]")) button.addEventListener("click", open);
}
