// The composer's dialog: the library to choose from, frames of a video, the frame of “Crop to 2:3”. What it shows comes
// from the server; Escape closes it, and the focus returns to where it was.
import { requestText } from "../http.js";

const dialog = document.querySelector("#composer-dialog");
const title = dialog.querySelector("#dialog-title");
const body = dialog.querySelector("#dialog-body");
const problem = dialog.querySelector("#dialog-problem");
const nothing = () => {};
let on = { submit: nothing, choose: nothing, finish: nothing, ready: nothing };

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
    on.ready(body);
  } catch (error) {
    say(error.message);
  }
  body.removeAttribute("aria-busy");
}

// `ready` gets what is shown, each time anew; `choose` a button that stands for a file. `submit` gets the data of a form
// that is sent in the dialog, `finish` is for the button in its `foot`: both may be async, and the dialog closes when they
// are done, and the focus goes to the element that they answer, if any. What they throw is shown.
export async function openDialog(heading, url, selector, { foot = null, ...handlers }) {
  title.textContent = heading;
  body.textContent = "Loading…";
  on = { submit: nothing, choose: nothing, finish: nothing, ready: nothing, ...handlers };
  for (const each of dialog.querySelectorAll(".dialog__foot")) each.hidden = each !== foot;
  dialog.showModal();
  await load(url, selector);
  (body.querySelector("input:not([type=hidden])") ?? body.querySelector("button") ?? dialog.querySelector("#dialog-close")).focus();
}

async function closeAfter(work) {
  if (body.hasAttribute("aria-busy")) return;
  say("");
  body.setAttribute("aria-busy", "true");
  try {
    const next = await work();
    dialog.close();
    if (next instanceof HTMLElement) next.focus();
  } catch (error) {
    say(error.message);
  }
  body.removeAttribute("aria-busy");
}

body.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const data = new FormData(form, event.submitter);
  if (form.method !== "get") closeAfter(() => on.submit(form, data));
  else if (!body.hasAttribute("aria-busy")) load(`${form.action}?${new URLSearchParams(data)}`, "#media-choice");
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
  const choice = event.target.closest("button[data-media]");
  if (choice) on.choose(choice, body);
});
for (const foot of dialog.querySelectorAll(".dialog__foot")) {
  foot.querySelector("button").addEventListener("click", () => closeAfter(() => on.finish()));
}
dialog.querySelector("#dialog-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
