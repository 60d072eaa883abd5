// What succeeded stands in a corner (_messages.html, toasts.css): each toast can be closed, and goes by itself unless it
// offers something to press. A user who points at it or has the focus in it reads it to the end.
const SHOWN_MS = 8_000;

function closeButton(toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast__close";
  button.setAttribute("aria-label", "Dismiss");
  button.textContent = "✕";
  button.addEventListener("click", () => toast.remove());
  return button;
}

function removeWhenRead(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(() => removeWhenRead(toast), SHOWN_MS / 4);
  else toast.remove();
}

function enhance(toast) {
  const offers = toast.querySelector("a, form");
  toast.append(closeButton(toast));
  if (!offers) setTimeout(() => removeWhenRead(toast), SHOWN_MS);
}

const enhanceAll = () => document.querySelectorAll("[data-toast]:not(:has(.toast__close))").forEach(enhance);
enhanceAll();
// Messages that come with a part of the page.
document.addEventListener("htmx:oobAfterSwap", enhanceAll);
