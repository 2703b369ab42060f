// Copying: `[data-copies="id"]` puts the text of that element on the clipboard and says so.
import { toast } from "./toast.js";

export function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      toast(button.dataset.copied);
    } catch {
      getSelection().selectAllChildren(source); // where the browser forbids it, the person copies by hand
    }
  });
}
