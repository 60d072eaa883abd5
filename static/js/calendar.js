// Drags pins to another day or hour, by mouse, pen or finger. Everything it does, the link "Move…" of a pin does, too.
import { keepFresh } from "./calendar-refresh.js";
import { RequestError, request } from "./http.js";
import { openMove } from "./move-dialog.js";

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
  requestAnimationFrame(scroll);
}

function follow({ clientX, clientY }) {
  drag.ghost.style.left = `${clientX + 8}px`;
  drag.ghost.style.top = `${clientY + 8}px`;
  drag.cell?.classList.remove("is-target");
  drag.cell = cellAt(clientX, clientY);
  drag.cell?.classList.add("is-target");
  drag.at = { clientX, clientY };
}

// Near an edge the page scrolls, also while the pointer rests there.
function scroll() {
  if (!drag?.isMoving) return;
  const toward = (at, size) => (at < 48 ? -8 : at > size - 48 ? 8 : 0);
  const down = toward(drag.at.clientY, window.innerHeight);
  const right = toward(drag.at.clientX, window.innerWidth);
  if (down) window.scrollBy(0, down);
  if (right) drag.chip.closest(".hours__scroll")?.scrollBy(right, 0);
  if (down || right) follow(drag.at);
  requestAnimationFrame(scroll);
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

const status = () => document.querySelector("[data-calendar-status]");

function complain(sentence) {
  status().textContent = sentence;
  const message = document.createElement("p");
  message.className = "message message--error message--dropped";
  message.textContent = sentence;
  document.querySelector("[data-calendar]").before(message); // beside it, so that it can be read until the next move
}

// The answer holds the cells that have changed; where more than cells has changed, a sentence, and all is shown anew.
async function show(answer) {
  const text = await answer.text();
  if (answer.headers.get("Content-Type").startsWith("text/html")) {
    window.htmx.swap("#calendar", text, { swapStyle: "none" }, { selectOOB: "#messages" }); // the toast that undoes it
    return;
  }
  await showAnew();
  status().textContent = text;
}

// Another tab may have switched the workspace: its pins belong below its own name.
async function showAnew() {
  const shownWorkspace = () => document.querySelector("#calendar").dataset.workspace;
  const before = shownWorkspace();
  const parts = { target: "#calendar", select: "#calendar", selectOOB: "#messages", swap: "outerHTML" };
  await window.htmx.ajax("GET", location.href, parts);
  if (shownWorkspace() !== before) location.reload();
}

const focusOn = (chip) => chip && document.querySelector(`#${chip.id} .chip__title`)?.focus();

async function move(chip, cell, clientY) {
  const time = timeIn(cell, chip, clientY);
  const publishAt = `${cell.dataset.day}T${time || "09:00"}`;
  // Where the page of the move, and undoing it, lead back to.
  const next = encodeURIComponent(location.pathname + location.search);
  const page = `${chip.dataset.moveUrl}?publish_at=${publishAt}&next=${next}`;
  if (!time) {
    openMove(page); // a draft without a time gets the one that its person chooses
    return;
  }
  document.querySelector(".message--dropped")?.remove();
  const body = new URLSearchParams({ publish_at: publishAt, version: chip.dataset.version });
  try {
    await show(await request(page, { body }));
  } catch (error) {
    if (error.status === 300) {
      openMove(page, error.text); // the time has passed today, or another pin is too much like this one: what is meant?
      return;
    }
    if (error.status === 409) await showAnew(); // the pin is elsewhere by now
    complain(error instanceof RequestError ? error.message : "The connection was lost. Check it, then try again.");
  }
  focusOn(chip);
}

keepFresh(() => drag !== null);

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
// A finger that holds a link would get its menu.
document.addEventListener("contextmenu", (event) => drag?.isMoving && event.preventDefault());
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
