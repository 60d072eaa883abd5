// What the composer shows while one types: the preview, the counters, the color and the hints. It changes no field but
// the color, and no hint stops the user.
import { enhanceCarousel } from "../carousel.js";

const form = document.querySelector("#composer");
const part = (id) => document.getElementById(id);
const field = (name) => part(`id_${name}`);
const length = (text) => Array.from(text).length; // code points, as Pinterest counts

const media = part("preview-media");
const colors = form.querySelectorAll(".color rect");
const announcement = part("limit-announcement");
const colorChoice = part("color-choice");
const LONG_ENOUGH = 0.8; // of the limit: a description this long needs no hint

function hostOf(link) {
  try {
    return new URL(link).host.replace(/^www\./, "");
  } catch {
    return "";
  }
}

let shownImage = 0;

function enhanceMedia() {
  const carousel = media.querySelector(".carousel:not(.is-enhanced)");
  if (!carousel) return;
  shownImage = 0;
  enhanceCarousel(carousel);
}

// The text of the image that is shown, where it has one of its own.
function textOf(name, items) {
  const own = items[shownImage]?.querySelector(`[name^=attachment_${name}-]`)?.value.trim();
  return own || field(name).value;
}

function showPreview() {
  const items = [...form.querySelectorAll("#attachments .attachment")];
  const board = field("board").selectedOptions[0];
  const section = field("section")?.selectedOptions[0];
  enhanceMedia();
  part("preview-title").textContent = textOf("title", items) || "Title";
  part("preview-description").textContent = textOf("description", items) || "Description";
  part("preview-host").textContent = hostOf(textOf("link", items));
  const where = section?.value ? `${board.dataset.name} › ${section.text}` : board?.dataset.name;
  part("preview-board").textContent = board?.value ? `${where} · ${board.dataset.account}` : "";
}

function showColor() {
  const color = field("dominant_color").value.trim();
  const isColor = /^#[0-9a-f]{6}$/i.test(color);
  for (const rect of colors) rect.setAttribute("fill", isColor ? color : "none");
  if (isColor) colorChoice.value = color.toLowerCase();
}

function count(counter) {
  const limit = Number(counter.dataset.limit ?? part(counter.dataset.like).dataset.limit);
  const label = form.querySelector(`label[for="${counter.dataset.counts}"]`).firstChild.textContent.trim();
  const used = length(part(counter.dataset.counts).value.trim()); // the server trims, too
  const over = used - limit;
  const wasOver = counter.classList.contains("counter--over");
  counter.textContent = over > 0 ? `${used} of ${limit}, ${over} too many` : `${used} of ${limit}`;
  counter.classList.toggle("counter--full", over === 0);
  counter.classList.toggle("counter--over", over > 0);
  if (over > 0 && !wasOver) announcement.textContent = `${label} is over the limit of ${limit} characters.`;
  if (over <= 0 && wasOver) announcement.textContent = `${label} is within the limit again.`;
}

// True where the advice no longer helps.
const followed = {
  description: () => length(field("description").value) >= LONG_ENOUGH * Number(part("description-count").dataset.limit),
  link: () => field("link").value.trim() !== "",
  alt_text: () => field("alt_text").value.trim() !== "",
  // The same as links.warning_for.
  shortener(hint) {
    const host = hostOf(field("link").value.trim());
    const isOne = (shortener) => host === shortener || host.endsWith(`.${shortener}`);
    if (!hint.dataset.shorteners.split(" ").some(isOne)) return true;
    hint.textContent = hint.dataset.warning.replace("{host}", host);
    return false;
  },
  board() {
    const name = field("board").selectedOptions[0]?.dataset.name ?? "";
    const text = `${field("title").value} ${field("description").value}`.toLowerCase();
    const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => length(word) > 3);
    return words.some((word) => text.includes(word));
  },
};

function showAll() {
  showPreview();
  showColor();
  form.querySelectorAll(".counter").forEach(count);
  for (const hint of form.querySelectorAll("[data-hint]")) hint.hidden = followed[hint.dataset.hint](hint);
}

function setColor(color) {
  field("dominant_color").value = color;
  field("dominant_color").dispatchEvent(new Event("input", { bubbles: true }));
}

media.addEventListener("carousel:show", (event) => {
  if (event.detail === shownImage) return;
  shownImage = event.detail;
  showPreview();
});
colorChoice.hidden = part("no-color").hidden = false;
colorChoice.addEventListener("input", (event) => {
  event.stopPropagation();
  setColor(colorChoice.value.toUpperCase());
});
part("no-color").addEventListener("click", () => setColor(""));
form.addEventListener("composer:change", showAll);
document.addEventListener("htmx:afterSettle", showAll);
showAll();
