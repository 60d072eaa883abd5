// The page of API keys: copying the new key, and no second key from a double click.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const said = document.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      said.textContent = "Copied.";
    } catch {
      // Over plain http, browsers have no clipboard for pages; the key is selected.
      said.textContent = "The key is selected: press Ctrl+C or ⌘C.";
    }
  });
}

for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", () => (button.disabled = true));
  // "Back" shows the page as it was left.
  window.addEventListener("pageshow", () => (button.disabled = false));
}
