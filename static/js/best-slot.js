// The offer below the composer's time field: its button fills the field as a person would, so that everything which
// listens there (saving by itself, the preview) hears of it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-publish-at]");
  const field = document.querySelector("#id_publish_at");
  if (!button || !field) return;
  field.value = button.dataset.publishAt;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  button.parentElement.querySelector("[data-slot-state]").textContent = button.dataset.said;
});
