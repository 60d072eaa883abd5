// The table of drafts, with the keys, the filling and the pasting of a spreadsheet. A row that has changed is saved by
// htmx, and says so itself.
const table = document.querySelector("#grid-table");
const news = document.querySelector("#grid-news");
const cellsOf = (column) => [...table.querySelectorAll(`[data-column="${column}"]`)];
const columns = [...new Set([...table.querySelectorAll("[data-column]")].map((cell) => cell.dataset.column))];
const save = (rows) => rows.forEach((row) => row.dispatchEvent(new Event("change")));

// What was typed before htmx was ready.
window.addEventListener("load", () => {
  const cells = [...table.querySelectorAll("[data-column]")].filter((cell) => cell.value !== cell.defaultValue);
  save(new Set(cells.map((cell) => cell.closest("tbody"))));
});

// Enter goes down; with Shift, a description gets a line break.
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-column]");
  if (!cell || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  const column = cellsOf(cell.dataset.column);
  column[column.indexOf(cell) + 1]?.focus();
});

// A tick changes no pin, so its row has nothing to save.
document.addEventListener("change", (event) => event.target.matches("[name=ticked]") && event.stopPropagation(), true);

// The buttons of a column, without a page of its own (services.fill does it without scripts).
table.addEventListener("click", (event) => {
  const [step, column] = event.target.closest("button[name=step]")?.value.split(":") ?? [];
  if (!column) return;
  event.preventDefault();
  let above = "";
  const changed = new Set();
  for (const [number, cell] of cellsOf(column).entries()) {
    if (cell.value.trim() && (number === 0 || step === "fill")) above = cell.value;
    if (cell.value === above || (step === "fill" && cell.value.trim())) continue;
    cell.value = above;
    changed.add(cell.closest("tbody"));
  }
  news.textContent = `${changed.size} ${changed.size === 1 ? "cell" : "cells"} filled.`;
  save(changed);
});

// Spreadsheets part cells by tabs and rows by line ends, and quote a cell that has either.
function parse(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end !== "\t") rows.push([]);
  }
  if (rows.at(-1).join("") === "") rows.pop();
  return rows;
}

// What the field of a time takes; empty for what it cannot read.
const asTime = (text) => text.match(/^\s*(\d{4}-\d\d-\d\d)[T ]+(\d\d:\d\d)/)?.slice(1, 3).join("T") ?? "";

document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.("[data-column]");
  if (!cell) return;
  const text = event.clipboardData.getData("text/plain");
  const isTable = text.includes("\t") || event.clipboardData.getData("text/html").includes("<table");
  const isColumn = cell.matches("textarea") ? isTable : isTable || /[\r\n]\s*\S/.test(text);
  if (!isColumn) return;
  event.preventDefault();
  const firstRow = cellsOf(cell.dataset.column).indexOf(cell);
  const firstColumn = columns.indexOf(cell.dataset.column);
  const changed = new Set();
  let unread = 0;
  let filled = 0;
  for (const [down, row] of parse(text).entries()) {
    for (const [right, value] of row.entries()) {
      const target = cellsOf(columns[firstColumn + right])[firstRow + down];
      if (!target) continue;
      const isTime = target.dataset.column === "publish_at";
      target.value = isTime ? asTime(value) : value;
      changed.add(target.closest("tbody"));
      filled += 1;
      if (isTime && value.trim() && !target.value) unread += 1;
    }
  }
  const sentence = unread ? ` ${unread} couldn't be read as a time. Write them like 2027-04-01 08:30.` : "";
  news.textContent = `${filled} cells pasted.${sentence}`;
  save(changed);
});

// Leaving is asked about until the server has what was typed, unless the form goes on with what is in its cells.
const unsaved = new Set();
const isSaving = () => table.querySelector(".htmx-request") !== null;
let isSent = false;
table.addEventListener("input", (event) => {
  isSent = false;
  news.textContent = "";
  if (event.target.dataset.column) unsaved.add(event.target.closest("tbody"));
});
table.addEventListener("htmx:beforeSend", (event) => unsaved.delete(event.target.closest("tbody")));
window.addEventListener("beforeunload", (event) => {
  if (!isSent && (unsaved.size || isSaving())) event.preventDefault();
});

// A row that is being saved gets another version, which the form would not know, so the form waits.
const form = document.querySelector("#grid");
let pressed = null;
form.addEventListener("submit", (event) => {
  isSent = !isSaving();
  if (isSent) return;
  event.preventDefault();
  pressed = event.submitter;
  news.textContent = "Saving your changes first…";
});
table.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) {
    pressed = null;
    unsaved.add(detail.elt.closest("tbody"));
  }
  // The next save of a row begins right after this event.
  setTimeout(() => {
    if (!pressed || isSaving()) return;
    const button = pressed;
    pressed = null;
    news.textContent = "";
    form.requestSubmit(button);
  });
});
window.addEventListener("pageshow", () => {
  isSent = false;
  pressed = null;
});

// What did not reach the server stays in its cells.
for (const kind of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(kind, () => {
    news.textContent = "Not saved: the server can't be reached. What you typed is still here; press “Save” to try again.";
  });
}
