// Drags pins to another day or hour, by mouse, pen or finger. Everything it does, the link "Move…" of a pin does, too.
import { request } from "./http.js";

const HOLD_MS = 400; // a finger that moves sooner scrolls
const THRESHOLD_PX = 6; // a mouse that moves less clicks
let drag = null;
let wasDragged = false;

const chipOf = (target) => target.closest(".chip[data-move-url]");
const cellAt = (x, y) => document.elementFromPoint(x, y)?.closest("[data-day]") ?? null;

function begin(chip, event) {
  const ghost = chip.cloneNode(true);
  ghost.removeAttribute("id");
  ghost.classList.add("chip-ghost");
  document.body.append(ghost);
  chip.classList.add("is-dragged");
  Object.assign(drag, { isMoving: true, ghost });
  follow(event);
}

function follow({ clientX, clientY }) {
  drag.ghost.style.left = `${clientX + 8}px`;
  drag.ghost.style.top = `${clientY + 8}px`;
  drag.cell?.classList.remove("is-target");
  drag.cell = cellAt(clientX, clientY);
  drag.cell?.classList.add("is-target");
  const edge = 48;
  if (clientY < edge) window.scrollBy(0, -12);
  else if (clientY > window.innerHeight - edge) window.scrollBy(0, 12);
}

function end() {
  clearTimeout(drag?.timer);
  drag?.ghost?.remove();
  drag?.chip.classList.remove("is-dragged");
  drag?.cell?.classList.remove("is-target");
  drag = null;
}

// The day keeps the time of day; an hour is an hour, or its second half where the pin is dropped into that.
function timeIn(cell, chip, clientY) {
  if (!cell.dataset.time) return chip.dataset.at;
  const { top, height } = cell.getBoundingClientRect();
  return clientY - top > height / 2 ? cell.dataset.time.replace(":00", ":30") : cell.dataset.time;
}

function tell(sentence, isError) {
  const calendar = document.querySelector("[data-calendar]");
  calendar.querySelector("[data-calendar-status]").textContent = sentence;
  calendar.querySelector(".message--dropped")?.remove();
  if (!isError) return;
  const message = document.createElement("p");
  message.className = "message message--error message--dropped";
  message.textContent = sentence;
  calendar.prepend(message);
}

async function move(chip, cell, clientY) {
  const time = timeIn(cell, chip, clientY);
  const publishAt = `${cell.dataset.day}T${time || "09:00"}`;
  if (!time) {
    // A draft without a time gets the one that its person chooses.
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign(`${chip.dataset.moveUrl}?publish_at=${publishAt}&next=${next}`);
    return;
  }
  const body = new URLSearchParams({ publish_at: publishAt, version: chip.dataset.version });
  let sentence;
  let isError = false;
  try {
    sentence = await (await request(chip.dataset.moveUrl, { body })).text();
  } catch (error) {
    sentence = error.message;
    isError = true;
  }
  await window.htmx.ajax("GET", location.href, { target: "#calendar", select: "#calendar", swap: "outerHTML" });
  tell(sentence, isError);
  document.querySelector(`#${chip.id} .chip__title`)?.focus();
}

document.addEventListener("pointerdown", (event) => {
  const chip = chipOf(event.target);
  if (!chip || event.button !== 0 || event.target.closest(".chip__move")) return;
  drag = { chip, x: event.clientX, y: event.clientY, isTouch: event.pointerType === "touch" };
  if (drag.isTouch) drag.timer = setTimeout(() => drag && begin(chip, event), HOLD_MS);
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (drag.isMoving) {
    follow(event);
    return;
  }
  if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < THRESHOLD_PX) return;
  if (drag.isTouch) end();
  else begin(drag.chip, event);
});
document.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { chip, cell, isMoving } = drag;
  end();
  wasDragged = isMoving;
  setTimeout(() => (wasDragged = false));
  if (isMoving && cell && !cell.contains(chip)) move(chip, cell, event.clientY);
  else if (isMoving && cell?.dataset.time) move(chip, cell, event.clientY);
});
document.addEventListener("pointercancel", () => drag && end());
// While a finger drags a pin, the page stays where it is.
document.addEventListener("touchmove", (event) => drag?.isMoving && event.preventDefault(), { passive: false });
document.addEventListener("dragstart", (event) => chipOf(event.target) && event.preventDefault());
// The click that ends a drag opens nothing.
document.addEventListener("click", (event) => wasDragged && event.preventDefault(), true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) {
    end();
    return;
  }
  const chip = event.target.closest?.(".chip");
  if (!chip || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "m") chip.querySelector(".chip__move")?.click();
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const chips = [...document.querySelectorAll(".chip")];
  chips[chips.indexOf(chip) + step]?.querySelector(".chip__title").focus();
  event.preventDefault();
});
