// The composer: its parts, and its guards. Nothing is sent twice, too early, or lost by leaving.
import { addAttachment, enhanceAttachments } from "./attachments.js";
import { Autosave } from "./autosave.js";
import "./board-picker.js";
import { enhanceChecklist } from "./checklist.js";
import "./preview.js";
import "./snippets.js";
import { settled } from "./turns.js";
import { csrfToken } from "../http.js";
import "../tags.js";
import { Uploads } from "../uploads.js";
import { Waiting } from "./waiting.js";

const form = document.querySelector("#composer");
const finals = [...form.querySelectorAll("[data-waits], [data-waits-now]")];
const waiting = new Waiting(form);
let isSending = false;
let hasGoneAhead = false;

const autosave = new Autosave(form);

const setFinals = () => {
  for (const button of finals) button.disabled = isSending;
};

async function sendWhatWaited() {
  await settled(); // the last file is part of the list now
  const button = waiting.release();
  if (button) form.requestSubmit(button);
}

enhanceAttachments();
enhanceChecklist(form);
const uploads = new Uploads({
  form,
  url: form.dataset.uploadUrl,
  onUploaded: addAttachment,
  onFailed: (name) => waiting.fail(name),
  onProgress: () => waiting.show(uploads.underway),
  onChange: (running) => running === 0 && sendWhatWaited(),
});

form.addEventListener("composer:change", (event) => autosave.touch(event.detail ?? {}));
for (const kind of ["input", "change"]) {
  form.addEventListener(kind, () => form.dispatchEvent(new CustomEvent("composer:change")));
}

// A board more or less is saved like what is typed. Once all is saved, the form that is on its way has it: as a change, it
// would be kept for the next page, which would open anew without the question that it asks.
form.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "more-boards" && !hasGoneAhead) form.dispatchEvent(new CustomEvent("composer:change"));
});

// What was typed goes ahead of the button: if the session has ended, the form stays where it is.
form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (isSending) {
    event.preventDefault();
    return;
  }
  if (uploads.running > 0 && finals.includes(button)) {
    event.preventDefault();
    waiting.begin(button, uploads.underway);
    button.closest(":popover-open")?.hidePopover(); // what it waits for stands beneath
    return;
  }
  isSending = true;
  if (!hasGoneAhead && button?.value !== "discard") {
    event.preventDefault();
    await settled();
    hasGoneAhead = await autosave.flush();
    // Not at once: a form ignores what is asked of it while it asks its listeners.
    setTimeout(() => {
      isSending = false;
      if (hasGoneAhead) form.requestSubmit(button);
    });
    return;
  }
  autosave.letGo();
  form.elements.csrfmiddlewaretoken.value = csrfToken();
  // The buttons are still needed while the browser collects the form: it sends the one that was pressed.
  setTimeout(setFinals);
});

// A user who reconnects an account comes back to the draft, whose address the page has by then.
for (const leaving of document.querySelectorAll("form[data-leaves]")) {
  leaving.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await autosave.flush())) return;
    autosave.letGo();
    leaving.elements.next.value = window.location.pathname;
    leaving.elements.csrfmiddlewaretoken.value = csrfToken();
    leaving.submit();
  });
}

// A time that is filled in, such as the best free one, is picked.
form.elements.publish_at.addEventListener("input", () => {
  form.querySelector("[name=when][value=time]").checked = true;
});

// A user who picks another time has answered the question: it must not stand above the time that was picked.
form.querySelector("#other-time")?.addEventListener("click", (event) => {
  event.preventDefault();
  form.querySelector("#questions").remove();
  form.querySelector("[name=when][value=time]").click();
  form.elements.publish_at.focus();
  form.elements.publish_at.scrollIntoView({ block: "center" });
});

// Before keyboard.js, for which the button that answers a question or a conflict would be the primary one.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("#send"));
});

// "Back" may bring this very page to life again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  isSending = hasGoneAhead = false;
  autosave.resume();
  setFinals();
});

form.querySelector("#form-problems, #conflict, #questions")?.focus();
if ("unsaved" in form.dataset) autosave.touch();
else autosave.recover();
