// A pin's page asks every second how the pin does. The page changes only when the answer does, so that focus, selection
// and screen readers are left in peace. A page in the background does not ask, and a pin of next week is asked seldom.
const announcement = document.querySelector("#status-announcement");
const NEAR_MS = 60_000;
const SELDOM_MS = 15_000;
let askedAt = 0;

// Percentages and minutes change in place and in silence: a user who wants to know looks, or reads the bar.
function updateProgress(shown, next) {
  if (shown && next && shown.textContent !== next.textContent) shown.replaceChildren(...next.childNodes);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches(".pin-status")) return;
  const isFar = Number(event.target.dataset.due) * 1000 - Date.now() > NEAR_MS;
  if (document.hidden || (isFar && Date.now() - askedAt < SELDOM_MS)) event.preventDefault();
  else askedAt = Date.now();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.target.matches(".pin-status")) return;
  const answer = document.createElement("template");
  answer.innerHTML = event.detail.serverResponse;
  const next = answer.content.querySelector(".pin-status");
  if (!next) return;
  if (next.dataset.state === event.target.dataset.state) {
    event.detail.shouldSwap = false;
    updateProgress(event.target.querySelector("[data-live]"), next.querySelector("[data-live]"));
    return;
  }
  const texts = [...next.querySelectorAll("[data-announce], .explanation")].map((part) => part.textContent);
  const text = texts.join(" ").replace(/\s+/g, " ").trim();
  // The same words again would be read out again.
  if (text !== announcement.textContent) announcement.textContent = text;
});
