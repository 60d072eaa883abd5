// <form data-bulk> acts on the check boxes that name it by form="…". Without this script they work as well; it ticks a
// whole page, counts, and clears the selection of a page that comes back.
const watch = (form) => {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];
  const page = form.querySelector("[data-bulk-page]");
  const all = form.querySelector("[data-bulk-all]");
  const count = form.querySelector("[data-bulk-count]");
  let last = null;

  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    page.checked = ticked === boxes.length;
    page.indeterminate = ticked > 0 && ticked < boxes.length;
    count.textContent = all.checked || ticked === 0 ? "" : `${ticked} selected`;
    form.classList.toggle("bulk-bar--active", all.checked || ticked > 0);
  };

  page.parentElement.hidden = false;
  page.addEventListener("change", () => {
    for (const box of boxes) box.checked = page.checked;
    if (!page.checked) all.checked = false;
    show();
  });
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) {
    // With Shift, all between this box and the last one.
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].toSorted((one, other) => one - other);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      all.checked = false;
      show();
    });
  }
  // "Back" must not bring a selection along that was made for another list.
  window.addEventListener("pageshow", () => {
    form.reset();
    for (const box of boxes) box.checked = false;
    show();
  });
};

const begin = () => {
  const form = document.querySelector("form[data-bulk]");
  if (!form || form.dataset.bulk) return;
  form.dataset.bulk = "watched";
  watch(form);
};
begin();
document.addEventListener("htmx:afterSettle", begin); // the library loads its files anew after an upload
