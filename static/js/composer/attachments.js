// The files of the pin: their order, their roles, and the buttons beside them. Their order is that of the list.
import { openDialog } from "./dialog.js";
import { dragToReorder } from "./drag.js";
import { enhanceCrop } from "../media-crop.js";
import { requestText } from "../http.js";

const form = document.querySelector("#composer");
const list = form.querySelector("#attachments");
const problems = form.querySelector("#file-problems");
const announcement = form.querySelector("#attachment-announcement");
const altText = form.querySelector("#id_alt_text");

const items = () => [...list.children];
const itemOf = (id) => items().find((item) => item.dataset.id === id);
const nameOf = (item) => item.dataset.name;
const isVideo = (item) => item.dataset.kind === "video";
const announce = (sentence) => {
  announcement.textContent = sentence;
};

function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.querySelectorAll(".attachment")];
}

// The same words as attaching.roles.
function showRoles() {
  const hasVideo = items().some(isVideo);
  items().forEach((item, index, all) => {
    const inVideoPin = index > 1 ? "too many" : isVideo(item) ? "video" : "cover";
    const role = hasVideo ? `${index + 1}: ${inVideoPin}` : `${index + 1} of ${all.length}`;
    item.querySelector(".attachment__role").textContent = !hasVideo && all.length === 1 ? "" : role;
  });
}

const ownTexts = new WeakMap(); // of images that were in a carousel, and may be again

// Only the images of a carousel have texts of their own.
function showOwnTexts() {
  const isCarousel = items().length > 1 && !items().some(isVideo);
  for (const item of items()) {
    const shown = item.querySelector("details");
    if (isCarousel && !shown) {
      item.append(ownTexts.get(item) ?? item.querySelector("template").content.cloneNode(true));
    } else if (!isCarousel && shown) {
      ownTexts.set(item, shown);
      shown.remove();
    }
  }
}

function changed() {
  showRoles();
  showOwnTexts();
  form.dispatchEvent(new CustomEvent("composer:change", { detail: { isSettled: true } }));
}

// Of the picture that stands for the pin: the first one, which is the cover of a video.
function offerAltText(item) {
  const shown = items().find((other) => !isVideo(other)) ?? items()[0];
  if (altText.value.trim() || !item.dataset.alt || item !== shown) return;
  altText.value = item.dataset.alt;
  form.querySelector("#alt_text-note").textContent = `Taken from “${nameOf(item)}”. Change it as you like.`;
}

// `order` is that in which the files were chosen.
export function addAttachment(html, { order = Infinity } = {}) {
  const [item] = parse(html);
  if (itemOf(item.dataset.id)) {
    announce(`${nameOf(item)} is already attached.`);
    return;
  }
  item.dataset.order = order;
  list.insertBefore(item, items().find((other) => Number(other.dataset.order) > order) ?? null);
  offerAltText(item);
  announce(`${nameOf(item)} was added.`);
  changed();
}

// The new file takes the place of the old one, and keeps the texts that were typed for it.
function replaceItem(old, item) {
  if (itemOf(item.dataset.id)) {
    if (old.dataset.id !== item.dataset.id) old.remove();
    return;
  }
  old.replaceWith(item);
  showOwnTexts();
  for (const field of ["title", "description", "link"]) {
    const typed = old.querySelector(`[name^=attachment_${field}-]`)?.value;
    const kept = item.querySelector(`[name^=attachment_${field}-]`);
    if (typed && kept) kept.value = typed;
  }
  if (old.querySelector("details")?.open && item.querySelector("details")) item.querySelector("details").open = true;
}

function move(item, step) {
  const all = items();
  const index = all.indexOf(item);
  const other = all[index + step];
  if (!other) {
    announce(`${nameOf(item)} is already ${step < 0 ? "first" : "last"}.`);
    return;
  }
  const focused = document.activeElement;
  if (step < 0) other.before(item);
  else other.after(item);
  focused.focus(); // moving it took it away
  announce(`${nameOf(item)} is now ${index + step + 1} of ${all.length}.`);
  changed();
}

// The button that was pressed leaves with what it has mended.
function focusOn(item) {
  item.querySelector("button")?.focus();
}

function remove(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  announce(`${nameOf(item)} was removed. It stays in your library.`);
  changed();
  (next?.querySelector("[value^='remove:']") ?? form.querySelector("#id_attachments")).focus();
}

function crop(item) {
  const url = `${form.dataset.mediaUrl}${item.dataset.id}/crop/`;
  openDialog("Crop to 2:3", url, ".media-crop", {
    ready: enhanceCrop,
    submit: async (_, data) => {
      const [cropped] = parse(await requestText(url, { body: data }));
      replaceItem(item, cropped);
      announce(`${nameOf(cropped)} replaced the original.`);
      changed();
      return cropped.querySelector("button");
    },
  });
}

function pickFrame() {
  const video = items().find(isVideo);
  if (!video) return;
  const url = `${form.dataset.mediaUrl}${video.dataset.id}/frames/`;
  openDialog("Choose a cover frame", url, ".media-frames", {
    submit: async (_, data) => {
      const [cover] = parse(await requestText(url, { body: data }));
      items().filter((item) => item !== video).forEach((item) => item.remove());
      list.append(cover);
      announce(`${nameOf(cover)} is now the cover image.`);
      changed();
      return cover.querySelector("button");
    },
  });
}

async function matchSize(button) {
  button.disabled = true;
  const body = new URLSearchParams(items().map((item) => ["attachments", item.dataset.id]));
  try {
    const matched = parse(await requestText(form.dataset.matchSizeUrl, { body }));
    items().forEach((item, index) => replaceItem(item, matched[index]));
    announce("All images now have the size of the first one.");
    changed();
    focusOn(items()[0]);
  } catch (error) {
    button.disabled = false;
    button.closest("li").querySelector("span").textContent = error.message;
  }
}

function takeColor() {
  const image = items().find((item) => !isVideo(item));
  const field = form.querySelector("#id_dominant_color");
  if (!image?.dataset.color) {
    announce("Add an image or a cover image first.");
    return;
  }
  field.value = image.dataset.color;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const actions = {
  earlier: (id) => move(itemOf(id), -1),
  later: (id) => move(itemOf(id), 1),
  remove: (id) => remove(itemOf(id)),
  crop: (id) => crop(itemOf(id)),
  swap() {
    list.append(...items().toReversed());
    announce(`${nameOf(items()[0])} is now first.`);
    changed();
    focusOn(items()[0]);
  },
  pick_frame: pickFrame,
  match_size: (_, button) => matchSize(button),
  take_color: takeColor,
};

export function enhanceAttachments() {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=action]");
    const [action, id] = button?.value.split(":") ?? [];
    if (!(action in actions)) return;
    event.preventDefault();
    actions[action](id, button);
  });
  dragToReorder(list, ".attachment__handle", (item) => {
    announce(`${nameOf(item)} is now ${items().indexOf(item) + 1} of ${items().length}.`);
    changed();
  });
  const choose = form.querySelector("#choose-media");
  choose.hidden = false;
  choose.addEventListener("click", () => {
    openDialog("Choose from library", form.dataset.chooseUrl, "#media-choice", {
      choose: async (button) => addAttachment(await requestText(button.dataset.attachmentUrl)),
      submit: async (link, data) => addAttachment(await requestText(link.action, { body: data })), // “Add from link”
    });
  });
  showRoles();
}

export function showProblems(html) {
  if (problems.innerHTML.trim() !== html.trim()) problems.innerHTML = html; // a live region says what is new
}
