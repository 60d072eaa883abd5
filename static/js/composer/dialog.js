// The composer's dialog: the library to choose from, frames of a video, the frame of “Crop to 2:3”. What it shows comes
// from the server; Escape closes it, and the focus returns to where it was.
import { requestText } from "../http.js";

const dialog = document.querySelector("#composer-dialog");
const title = dialog.querySelector("#dialog-title");
const body = dialog.querySelector("#dialog-body");
const problem = dialog.querySelector("#dialog-problem");
let onSubmit = null;
let onChoose = null;

const say = (sentence) => {
  problem.textContent = sentence;
  problem.hidden = !sentence;
};

// Shows the part of the page at `url` that `selector` finds.
async function load(url, selector) {
  say("");
  body.setAttribute("aria-busy", "true");
  try {
    const page = new DOMParser().parseFromString(await requestText(url), "text/html");
    body.replaceChildren(page.querySelector(selector) ?? "");
  } catch (error) {
    say(error.message);
  }
  body.removeAttribute("aria-busy");
}

// `submit` gets the data of a form that is sent in the dialog, `choose` a button that is pressed; both may be async, and
// the dialog closes when they are done, and the focus goes to the element that they answer, if any. What they throw is
// shown.
export async function openDialog(heading, url, selector, { submit = null, choose = null, ready = () => {} }) {
  title.textContent = heading;
  body.textContent = "Loading…";
  [onSubmit, onChoose] = [submit, choose];
  dialog.showModal();
  await load(url, selector);
  ready(body);
  (body.querySelector("input:not([type=hidden])") ?? body.querySelector("button") ?? dialog.querySelector("#dialog-close")).focus();
}

async function finish(work) {
  say("");
  body.setAttribute("aria-busy", "true");
  try {
    const next = await work();
    dialog.close();
    next?.focus();
  } catch (error) {
    say(error.message);
  }
  body.removeAttribute("aria-busy");
}

body.addEventListener("submit", (event) => {
  event.preventDefault();
  if (body.hasAttribute("aria-busy")) return;
  const form = event.target;
  const data = new FormData(form, event.submitter);
  if (form.method === "get") load(`${form.action}?${new URLSearchParams(data)}`, "#media-choice");
  else finish(() => onSubmit(form, data));
});
body.addEventListener("change", (event) => {
  if (event.target.matches("select")) event.target.form.requestSubmit();
});
body.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link) {
    event.preventDefault();
    if (link.rel === "next") load(link.href, "#media-choice");
    else dialog.close();
  }
  const choice = event.target.closest("button[data-attachment-url]");
  if (choice && !body.hasAttribute("aria-busy")) finish(() => onChoose(choice));
});
dialog.querySelector("#dialog-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
