// The two dates belong to a range of one's own only; choosing one of them chooses that range.
const form = document.querySelector(".range");
const days = form.querySelector("[name=days]");
const dates = [...form.querySelectorAll("[name=start], [name=end]")];

function show() {
  for (const date of dates) date.closest(".field").hidden = days.value !== "custom";
}

days.addEventListener("change", show);
show();
