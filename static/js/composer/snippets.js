// <button data-inserts="id of a field" data-value="…"> puts a text where the cursor is, as a person would type it. Without
// scripts, the button sends the form, and the server adds the text at the end.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-inserts]");
  const field = button && document.getElementById(button.dataset.inserts);
  if (!field) return;
  event.preventDefault();
  const { selectionStart: start, selectionEnd: end, value } = field;
  const isWord = (character) => character !== undefined && !/\s/.test(character);
  const text = `${isWord(value[start - 1]) ? " " : ""}${button.dataset.value}${isWord(value[end]) ? " " : ""}`;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  button.closest("details")?.removeAttribute("open");
  field.focus();
});
