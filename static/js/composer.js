// The composer's attachments, and its guards: nothing is sent twice, too early or lost by leaving.
const form = document.querySelector("#composer");
const attachments = form.querySelector("#attachments");
const waiting = form.querySelector("#upload-wait");
const finals = [...form.querySelectorAll("button[name=action]")].filter((button) => button.value !== "refresh_boards");

let isUnsaved = "unsaved" in form.dataset;
let isSending = false;

function touch() {
  isUnsaved = true;
  form.dispatchEvent(new CustomEvent("composer:change"));
}

// The checkbox "Remove" takes effect when the form is sent; a button does it at once.
function addRemoveButton(item) {
  const checkbox = item.querySelector(".attachment__remove");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small";
  button.append(...checkbox.querySelectorAll("span"));
  button.prepend("Remove");
  button.addEventListener("click", () => {
    item.remove();
    touch();
    form.querySelector("#id_attachments").focus();
  });
  checkbox.replaceWith(button);
}

function addAttachment(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const item = holder.content.firstElementChild;
  const id = item.querySelector("[name=attachments]").value;
  if (attachments.querySelector(`[name=attachments][value="${id}"]`)) return; // the same picture once more
  addRemoveButton(item);
  attachments.append(item);
  touch();
}

for (const item of attachments.children) addRemoveButton(item);

new window.Uploads({
  form,
  url: form.dataset.uploadUrl,
  onUploaded: addAttachment,
  onChange: (running) => {
    for (const button of finals) button.disabled = running > 0;
    waiting.textContent = running > 0 ? "You can go on when the upload has ended." : "";
  },
});

form.addEventListener("input", touch);
form.addEventListener("change", touch);

form.addEventListener("submit", (event) => {
  if (isSending) {
    event.preventDefault();
    return;
  }
  isSending = true;
  // The buttons are still needed while the browser collects the form: it sends the one that was pressed.
  setTimeout(() => {
    for (const button of finals) button.disabled = true;
  });
});

window.addEventListener("beforeunload", (event) => {
  if (isUnsaved && !isSending) event.preventDefault();
});

// "Back" may bring this very page to life again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  isSending = false;
  for (const button of finals) button.disabled = false;
});

form.querySelector("#form-problems")?.focus();
