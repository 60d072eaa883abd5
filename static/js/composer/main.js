// The composer: its parts, and its guards. Nothing is sent twice, too early, or lost by leaving.
import { addAttachment, enhanceAttachments, showProblems } from "./attachments.js";
import { Autosave } from "./autosave.js";
import "./board-picker.js";
import "./preview.js";
import { csrfToken } from "../http.js";
import { Uploads } from "../uploads.js";

const form = document.querySelector("#composer");
const waiting = form.querySelector("#upload-wait");
const finals = [...form.querySelectorAll("button[name=action]")].filter((button) =>
  ["draft", "schedule", "publish", "propose"].includes(button.value),
);
let isSending = false;
let isUploading = false;
let hasGoneAhead = false;

const autosave = new Autosave(form, {
  onAnswer(answer) {
    if (answer.state === "empty") return;
    showProblems(answer.files);
    form.querySelector("#publish-checklist").innerHTML = answer.others;
  },
});

const setFinals = () => {
  for (const button of finals) button.disabled = isSending || isUploading;
};

enhanceAttachments();
new Uploads({
  form,
  url: form.dataset.uploadUrl,
  onUploaded: addAttachment,
  onChange: (running) => {
    isUploading = running > 0;
    setFinals();
    waiting.textContent = isUploading ? "Wait for the upload to finish." : "";
  },
});

form.addEventListener("composer:change", (event) => autosave.touch(event.detail ?? {}));
for (const kind of ["input", "change"]) {
  form.addEventListener(kind, () => form.dispatchEvent(new CustomEvent("composer:change")));
}

// What was typed goes ahead of the button: if nobody is signed in any more, the form stays where it is.
form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (isSending) {
    event.preventDefault();
    return;
  }
  isSending = true;
  if (!hasGoneAhead && button?.value !== "discard") {
    event.preventDefault();
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

// Whoever reconnects an account comes back to the draft, whose address the page has by then.
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

// Whoever picks another time has answered the question: it must not stand above the time that was picked.
form.querySelector("#other-time")?.addEventListener("click", (event) => {
  event.preventDefault();
  form.querySelector("#questions").remove();
  form.elements.publish_at.focus();
  form.elements.publish_at.scrollIntoView({ block: "center" });
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
