// What the composer shows while one types: the preview, the counters, the colour and the hints. It changes no field but
// the colour, and no hint stops anybody.
const form = document.querySelector("#composer");
const part = (id) => document.getElementById(id);
const field = (name) => part(`id_${name}`);
const length = (text) => Array.from(text).length; // code points, as Pinterest counts

const picture = part("preview-picture");
const colours = form.querySelectorAll(".colour rect");
const counters = [...form.querySelectorAll(".counter")];
const announcement = part("limit-announcement");
const colourChoice = part("colour-choice");
const LONG_ENOUGH = 0.8; // of the limit: a description this long needs no hint

function hostOf(link) {
  try {
    return new URL(link).host.replace(/^www\./, "");
  } catch {
    return "";
  }
}

function showPreview() {
  const first = form.querySelector("#attachments .attachment");
  const board = field("board").selectedOptions[0];
  if (first) picture.src = first.dataset.url;
  picture.hidden = !first;
  part("preview-empty").hidden = Boolean(first);
  part("preview-title").textContent = field("title").value || "Title";
  part("preview-description").textContent = field("description").value || "Description";
  part("preview-host").textContent = hostOf(field("link").value);
  part("preview-board").textContent = board?.value ? `${board.dataset.name} · ${board.dataset.account}` : "";
}

function showColour() {
  const colour = field("dominant_color").value.trim();
  const isColour = /^#[0-9a-f]{6}$/i.test(colour);
  for (const rect of colours) rect.setAttribute("fill", isColour ? colour : "none");
  if (isColour) colourChoice.value = colour.toLowerCase();
}

function count(counter) {
  const limit = Number(counter.dataset.limit);
  const label = form.querySelector(`label[for="${counter.dataset.counts}"]`).firstChild.textContent.trim();
  const used = length(part(counter.dataset.counts).value.trim()); // the server trims, too
  const over = used - limit;
  const wasOver = counter.classList.contains("counter--over");
  counter.textContent = over > 0 ? `${used} of ${limit}, ${over} too many` : `${used} of ${limit}`;
  counter.classList.toggle("counter--full", over === 0);
  counter.classList.toggle("counter--over", over > 0);
  if (over > 0 && !wasOver) announcement.textContent = `${label} is longer than ${limit} characters.`;
  if (over <= 0 && wasOver) announcement.textContent = `${label} fits again.`;
}

// True where the advice no longer helps.
const followed = {
  picture(hint) {
    const [width, height] = [Number(hint.dataset.width), Number(hint.dataset.height)];
    const items = [...form.querySelectorAll("#attachments .attachment")];
    return items.length > 0 && items.every((item) => {
      const [itsWidth, itsHeight] = [Number(item.dataset.width), Number(item.dataset.height)];
      const isLarge = itsWidth >= width && itsHeight >= height;
      return isLarge && Math.abs(itsWidth / itsHeight - width / height) < 0.01;
    });
  },
  description: () => length(field("description").value) >= LONG_ENOUGH * Number(part("description-count").dataset.limit),
  link: () => field("link").value.trim() !== "",
  board() {
    const name = field("board").selectedOptions[0]?.dataset.name ?? "";
    const text = `${field("title").value} ${field("description").value}`.toLowerCase();
    const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => length(word) > 3);
    return words.some((word) => text.includes(word));
  },
};

function showAll() {
  showPreview();
  showColour();
  counters.forEach(count);
  for (const hint of form.querySelectorAll(".hint")) hint.hidden = followed[hint.dataset.hint](hint);
}

function setColour(colour) {
  field("dominant_color").value = colour;
  field("dominant_color").dispatchEvent(new Event("input", { bubbles: true }));
}

colourChoice.hidden = part("no-colour").hidden = false;
colourChoice.addEventListener("input", (event) => {
  event.stopPropagation();
  setColour(colourChoice.value.toUpperCase());
});
part("no-colour").addEventListener("click", () => setColour(""));
form.addEventListener("composer:change", showAll);
document.addEventListener("htmx:afterSettle", showAll);
showAll();
