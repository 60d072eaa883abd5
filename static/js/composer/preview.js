// What the composer shows while one types: the preview, the counters, the color and the hints. It changes no field but
// the color, and no hint stops anybody.
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

function make(tag, attributes) {
  return Object.assign(document.createElement(tag), attributes);
}

// The same as _pin_media.html makes of a pin.
function mediaOf(items) {
  const [first, second] = items.map((item) => item.dataset);
  if (!first) return [];
  const video = items.find((item) => item.dataset.kind === "video")?.dataset;
  if (video) {
    const cover = video === first ? second : first;
    const poster = cover?.url ?? video.thumbnail;
    return [make("video", { controls: true, playsInline: true, preload: "metadata", src: video.url, poster })];
  }
  if (items.length === 1) return [make("img", { src: first.url, alt: "" })];
  const carousel = make("div", { className: "carousel" });
  carousel.setAttribute("role", "group");
  carousel.setAttribute("aria-roledescription", "carousel");
  carousel.setAttribute("aria-label", `${items.length} images`);
  const track = make("ul", { className: "carousel__track", tabIndex: 0 });
  for (const item of items) {
    const slide = make("li", { className: "carousel__slide" });
    slide.append(make("img", { src: item.dataset.url, alt: "" }));
    track.append(slide);
  }
  carousel.append(track);
  return [carousel];
}

let shownFiles = null;
let shownImage = 0;

function showMedia(items) {
  const files = items.map((item) => item.dataset.id).join();
  part("preview-empty").hidden = items.length > 0;
  if (files === shownFiles) return;
  shownFiles = files;
  shownImage = 0;
  media.replaceChildren(...mediaOf(items));
  const carousel = media.querySelector(".carousel");
  if (carousel) enhanceCarousel(carousel);
}

// The text of the image that is shown, where it has one of its own.
function textOf(name, items) {
  const own = items.length > 1 && items[shownImage]?.querySelector(`[name^=attachment_${name}-]`)?.value.trim();
  return own || field(name).value;
}

function showPreview() {
  const items = [...form.querySelectorAll("#attachments .attachment")];
  const board = field("board").selectedOptions[0];
  const section = field("section")?.selectedOptions[0];
  showMedia(items);
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
  picture(hint) {
    const [width, height] = [Number(hint.dataset.width), Number(hint.dataset.height)];
    const items = [...form.querySelectorAll("#attachments .attachment")];
    if (items.some((item) => item.dataset.kind === "video")) return true;
    return items.length > 0 && items.every((item) => {
      const [itsWidth, itsHeight] = [Number(item.dataset.width), Number(item.dataset.height)];
      const isLarge = itsWidth >= width && itsHeight >= height;
      return isLarge && Math.abs(itsWidth / itsHeight - width / height) < 0.01;
    });
  },
  description: () => length(field("description").value) >= LONG_ENOUGH * Number(part("description-count").dataset.limit),
  link: () => field("link").value.trim() !== "",
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
  for (const hint of form.querySelectorAll(".hint")) hint.hidden = followed[hint.dataset.hint](hint);
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
