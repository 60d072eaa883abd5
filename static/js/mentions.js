// <details data-mentions="id of a field">: its buttons write a member's name into the field, at the cursor.
for (const menu of document.querySelectorAll("[data-mentions]")) {
  const field = document.getElementById(menu.dataset.mentions);
  menu.hidden = false;
  menu.addEventListener("click", (event) => {
    const name = event.target.closest("[data-mention]")?.dataset.mention;
    if (!name) return;
    const before = field.value.slice(0, field.selectionStart);
    const gap = before === "" || /\s$/.test(before) ? "" : " ";
    field.setRangeText(`${gap}${name} `, field.selectionStart, field.selectionEnd, "end");
    menu.open = false;
    field.focus();
  });
}
