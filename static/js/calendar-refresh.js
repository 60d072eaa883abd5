// A calendar that is looked at shows what other members have moved meanwhile: it is fetched anew each minute, and when its
// tab is shown again. Only what differs is replaced, and nothing while the calendar is in use.
import { RequestError, requestText } from "./http.js";

const EVERY_MS = 60_000;
const SIGNED_OUT = 401;
const NO_CALENDAR = "This calendar can't be updated anymore. Reload the page.";
const OPEN = "dialog[open], details[data-menu][open], :popover-open";

const calendar = () => document.querySelector("#calendar");

// Not :focus, which no field has until the window has the focus again.
const isTypedIn = (field) => field === document.activeElement || field.value !== field.defaultValue;

function isInUse() {
  return document.querySelector(OPEN) !== null || [...calendar().querySelectorAll("input")].some(isTypedIn);
}

async function fetchCalendar() {
  const page = await requestText(location.href, { signal: AbortSignal.timeout(EVERY_MS) });
  const next = new DOMParser().parseFromString(page, "text/html").querySelector("#calendar");
  // Who is a member of no workspace by now is led to another page.
  if (!next) throw new RequestError(NO_CALENDAR, SIGNED_OUT);
  return next;
}

// Beside the calendar, and not each minute again: a status that stays the same is read out once.
function tell(sentence) {
  const notice = document.querySelector("[data-calendar-notice]");
  if (notice.textContent === sentence) return;
  const message = document.createElement("p");
  message.className = "message message--error";
  message.textContent = sentence;
  notice.replaceChildren(...(sentence ? [message] : []));
}

// What people have unfolded stays so. It is known by its place: a summary tells the hours that have no pins yet.
function unfold(shown, next) {
  const place = (details) => details.className || details.parentElement.className;
  const unfolded = [...shown.querySelectorAll("details[open]")].map(place);
  for (const details of next.querySelectorAll("details")) details.open = unfolded.includes(place(details));
}

function replaceDifferences(shown, next) {
  if (shown.isEqualNode(next)) return;
  const pairs = [...shown.childNodes].map((each, place) => [each, next.childNodes[place]]);
  const isSameAround = shown.cloneNode().isEqualNode(next.cloneNode()) && pairs.length === next.childNodes.length;
  if (isSameAround && pairs.length) pairs.forEach(([one, other]) => replaceDifferences(one, other));
  else shown.replaceWith(next);
}

// What may stand now for a link that was replaced, the best first. A pin is found wherever it is now.
function successorsOf(link, chip, cell) {
  const ofPin = chip ? [`.${link.className}`, ".chip__title"] : [];
  const alike = [...calendar().querySelectorAll(link.localName)];
  return [
    ...ofPin.map((name) => document.querySelector(`#${chip.id} ${name}`)),
    alike.find((each) => each.isEqualNode(link)),
    link.href && alike.find((each) => each.href === link.href),
    cell && alike.find((each) => each.querySelector(`time[datetime="${cell.dataset.day}"]`)),
    document.querySelector(".calendar-bar__title"),
  ].filter(Boolean);
}

// A link that a narrow screen hides doesn't take the focus.
function takesFocus(element) {
  element.focus({ preventScroll: true });
  return element === document.activeElement;
}

function show(next) {
  const focused = document.activeElement;
  // Asked before: a link that is replaced alone stands in neither.
  const [chip, cell] = [".chip", "[data-day]"].map((each) => focused.closest(each));
  const hours = () => document.querySelector(".hours__scroll");
  const left = hours()?.scrollLeft;
  unfold(calendar(), next);
  replaceDifferences(calendar(), next);
  if (left) hours().scrollLeft = left;
  if (!focused.isConnected) successorsOf(focused, chip, cell).find(takesFocus);
}

// `isBusy` says whether a pin is being moved.
export function keepFresh(isBusy) {
  const mustWait = () => document.hidden || isBusy() || isInUse();

  async function refresh() {
    if (mustWait()) return;
    const before = calendar().innerHTML;
    const next = await fetchCalendar().catch((error) => {
      if (error.status === SIGNED_OUT) tell(error.message); // without a connection, what is here stays
    });
    if (next) tell("");
    // What has changed here meanwhile, such as by a move, is newer than the answer.
    if (!next || mustWait() || calendar().innerHTML !== before) return;
    // Another tab may have switched the workspace: its pins belong below its own name.
    if (next.dataset.workspace === calendar().dataset.workspace) show(next);
    else location.reload();
  }

  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, EVERY_MS);
}
