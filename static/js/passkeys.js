// Around allauth's scripts for passkeys: no button where the browser has none, and a sentence for what went wrong.
"use strict";

const SENTENCES = {
  NotAllowedError: "No passkey was used: the request was cancelled, or took too long. Try again.",
  InvalidStateError: "This device holds a passkey of your account already. Choose another device.",
  SecurityError: "Passkeys work only at the address that this site is set up for. Open it there.",
};

const isKnown = "credentials" in navigator && "PublicKeyCredential" in window;
for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = !isKnown;
if (!isKnown) tell("This browser has no passkeys here. They need https and a browser of the last years.");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  tell(SENTENCES[event.detail.exception?.name] ?? "The passkey could not be used. Reload the page, then try again.");
});

// Within the form that is hidden where there are no passkeys, the sentence is hidden as well: nobody asked for one.
function tell(sentence) {
  const place = document.querySelector("[data-passkey-trouble]");
  if (!place) return;
  place.textContent = sentence;
  place.hidden = false;
}
