// What scripts add to the elements of any page that ask for it by an attribute. Without them every page works as well,
// by its links and forms.
import "./keyboard.js";
import "./toasts.js";

const all = (selector) => [...document.querySelectorAll(selector)];

// <details data-menu> closes on Escape, which gives the focus back, and on a press or the focus elsewhere.
const openMenus = () => all("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
for (const kind of ["pointerdown", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}

// <ul data-shows-current> is scrolled sideways to the page where one is.
for (const list of all("[data-shows-current]")) {
  const current = list.querySelector("[aria-current]");
  if (current) list.scrollLeft = current.offsetLeft - list.offsetLeft - 16;
}

// <button data-copy="id of a field" data-copy-status="id of a status"> copies what is shown only once.
for (const button of all("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = document.getElementById(button.dataset.copyStatus);
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      status.textContent = "Copied.";
    } catch {
      // Over plain http, browsers have no clipboard for pages; the text is selected.
      status.textContent = "Selected. Press Ctrl+C or ⌘C to copy.";
    }
  });
}

// <form data-once> is not sent a second time by a double click.
for (const form of all("form[data-once]")) {
  const button = form.querySelector("button");
  if (!button) continue; // there is nothing to be sent
  form.addEventListener("submit", () => (button.disabled = true));
  // "Back" shows the page as it was left.
  window.addEventListener("pageshow", () => (button.disabled = false));
}

// <form data-submits-itself> needs no button: a choice is all that it asks.
for (const form of all("form[data-submits-itself]")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.submit());
}

// <button data-print hidden> prints the page.
for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// <form data-time-zone> suggests the browser's time zone: in a select that is untouched (a choice that was sent already
// stays), and in a hidden field, because the demo's workspace takes the zone of the first sign-in.
for (const form of all("form[data-time-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const select = form.querySelector("#id_time_zone");
  const isUntouched = select && ["", "UTC"].includes(select.value) && !form.querySelector(".errorlist");
  if (isUntouched && [...select.options].some((option) => option.value === zone)) select.value = zone;
  const hidden = form.querySelector("input[name=browser_time_zone]");
  if (hidden) hidden.value = zone;
}

// <button data-fills="id of a field" data-value="…" data-announce="…"> fills the field as a person would, so that
// everything which listens there hears of it. It may come later, by htmx.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fills]");
  const field = button && document.getElementById(button.dataset.fills);
  if (!field) return;
  event.preventDefault(); // without scripts, some of them ask the server
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  button.parentElement.querySelector("[role=status]").textContent = button.dataset.announce;
});

// <img data-src hidden> is fetched when it comes near. The browser's own lazy loading looks so far ahead that all images
// of a long page would be part of the first load. The frame is watched: a hidden image has no place.
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      const image = target.querySelector("img[data-src]");
      image.src = image.dataset.src;
      image.hidden = false;
      watcher.unobserve(target);
    }
  },
  { rootMargin: "200px" },
);
const watch = () => all("img[data-src]:not([src])").forEach((image) => watcher.observe(image.parentElement));
watch();
document.addEventListener("htmx:afterSettle", watch);

// Around allauth's scripts for passkeys: no button where the browser has none, and a sentence for what went wrong.
const PASSKEY_ERRORS = {
  NotAllowedError: "No passkey was used: the request was canceled or took too long. Try again.",
  InvalidStateError: "This device already has a passkey for your account. Choose another device.",
  SecurityError: "Passkeys only work at the address this site is set up for. Open it there.",
};

// Within the form that is hidden where there are no passkeys, the sentence is hidden as well: the user asked for none.
function showPasskeyError(sentence) {
  for (const place of all("[data-passkey-error]")) {
    place.textContent = sentence;
    place.hidden = false;
  }
}

const hasPasskeys = "credentials" in navigator && "PublicKeyCredential" in window;
for (const part of all("[data-passkey]")) part.hidden = !hasPasskeys;
if (!hasPasskeys) showPasskeyError("Passkeys aren't available here. They need HTTPS and a recent browser.");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const error = PASSKEY_ERRORS[event.detail.exception?.name];
  showPasskeyError(error ?? "The passkey couldn't be used. Reload the page and try again.");
});
