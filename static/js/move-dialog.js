// <a data-move> opens the page that moves a pin as a dialog. Its form is sent as on the page itself, so whatever is wrong
// is said there; without this script the link leads there at once.
import { requestText } from "./http.js";

const dialog = document.createElement("dialog");
dialog.className = "move-dialog";
dialog.setAttribute("aria-labelledby", "move-dialog-title");
document.body.append(dialog);

const isPlainClick = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

function fill(url, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const form = page.querySelector("main form.form"); // a toast may have one, too
  const heading = page.querySelector("main h1");
  if (!form || !heading) throw new Error("There is nothing to move.");
  const title = document.createElement("h2");
  title.id = "move-dialog-title";
  title.append(...heading.childNodes);
  form.setAttribute("action", url); // it was relative to its own page
  dialog.replaceChildren(title, form);
  dialog.showModal();
  // A question that is asked, or else the time.
  (form.querySelector("[role=alert] button") ?? form.querySelector("[aria-invalid], input:not([type=hidden])")).focus();
}

// `html` is the page at `url` if it is there already. Without the dialog, the page itself.
export async function openMove(url, html) {
  try {
    fill(url, html ?? (await requestText(url)));
  } catch {
    location.assign(url);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-move]");
  if (!link || !isPlainClick(event)) return;
  event.preventDefault();
  openMove(link.href);
});
dialog.addEventListener("click", (event) => {
  if (event.target !== dialog && !event.target.closest(".form__actions a")) return;
  event.preventDefault(); // "Cancel", or a click beside the dialog
  dialog.close();
});
