// Puts the items of a list in another order by dragging them at their handles, with a mouse, a pen or a finger.
//
// The others make way for the item that is dragged: it stays where it is in the document, or it would lose its pointer.
const middleOf = (item) => {
  const { top, height } = item.getBoundingClientRect();
  return top + height / 2;
};

// `onStart` gets a promise that lasts as long as the drag.
export function dragToReorder(list, handleSelector, { canStart, onStart, onDrop }) {
  let drag = null;

  function end(isDropped) {
    if (!drag) return;
    const { item, order, ended } = drag;
    drag = null;
    item.classList.remove("is-dragged");
    list.classList.remove("has-dragged");
    ended();
    if (!isDropped) list.append(...order);
    else if (order.some((each, index) => each !== list.children[index])) onDrop(item);
  }

  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(handleSelector);
    if (!handle || event.button !== 0 || !canStart()) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const item = handle.closest("li");
    drag = { item, order: [...list.children] };
    onStart(new Promise((resolve) => (drag.ended = resolve)));
    item.classList.add("is-dragged");
    list.classList.add("has-dragged");
  });
  list.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { item } = drag;
    while (item.previousElementSibling && event.clientY < middleOf(item.previousElementSibling)) {
      item.after(item.previousElementSibling);
    }
    while (item.nextElementSibling && event.clientY > middleOf(item.nextElementSibling)) {
      item.before(item.nextElementSibling);
    }
  });
  list.addEventListener("pointerup", () => end(true));
  list.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && end(false));
}
