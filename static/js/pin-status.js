// A pin's page asks every second how the pin does. The page changes only when the answer does, so that focus, selection
// and screen readers are left in peace. A page in the background does not ask, and a pin of next week is asked seldom.
const announcement = document.querySelector("#status-announcement");
const NEAR_MS = 60_000;
const SELDOM_MS = 15_000;
let askedAt = 0;

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
    return;
  }
  const texts = [...next.querySelectorAll("[data-announce], .explanation")].map((part) => part.textContent);
  announcement.textContent = texts.join(" ").replace(/\s+/g, " ").trim();
});
