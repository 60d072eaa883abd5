// Shortcuts of every page (_keys.html lists them). Single keys do nothing while the user types or a dialog is open, and
// can be turned off; the dialogs are pages of their own without scripts.
const OFF = "single-key-shortcuts";
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

const isOpen = () => document.querySelector("dialog[open]") !== null;
const isOn = () => localStorage.getItem(OFF) !== "off";

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || isOpen()) return false;
  dialog.showModal();
  dialog.querySelector("input[type=search]")?.select();
  return true;
}

// The row after the one with the focus, or before it, in the order of the page.
function moveInList(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  next?.querySelector("a[href], button")?.focus();
}

const SINGLE = {
  n: () => document.querySelector("[data-key=n]")?.click(),
  c: () => document.querySelector("[data-key=c]")?.click(),
  "/": () => openDialog("search-dialog"),
  "?": () => openDialog("keys-dialog"),
  j: () => moveInList(1),
  k: () => moveInList(-1),
};

function pressPrimary(event) {
  const form = event.target.closest?.("form");
  const button = form && [...form.elements].find((each) => each.matches("button.button--primary:not([type=button], :disabled)"));
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
}

document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (key === "Enter") pressPrimary(event);
    else if (key.toLowerCase() === "k" && openDialog("search-dialog")) event.preventDefault();
    return;
  }
  if (!Object.hasOwn(SINGLE, key) || isOpen() || !isOn() || event.target.closest?.(TYPING)) return;
  event.preventDefault();
  SINGLE[key]();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("a[data-opens-dialog]");
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  // Within the sheet of narrow screens the dialog would lie beneath it.
  opener?.closest("[popover]:popover-open")?.hidePopover();
  if (opener && isPlain && openDialog(opener.dataset.opensDialog)) event.preventDefault();
  const closer = event.target.closest?.("[data-closes-dialog]");
  const dialog = closer?.closest("dialog") ?? (event.target.matches?.("dialog.sheet-dialog") ? event.target : null);
  dialog?.close(); // by its button, or by a press beside it
});

// In the search, the arrows walk from the field through what was found and back.
document.getElementById("search-dialog")?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [...event.currentTarget.querySelectorAll("input[type=search], .search-result__link")];
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

const box = document.querySelector("[data-single-keys]");
if (box) {
  box.checked = isOn();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
}
