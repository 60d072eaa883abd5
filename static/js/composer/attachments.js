// The files of the pin. The server says how the list looks after each change, and what depends on it (pin_files): this
// script asks for it, and puts the answer in the place of the list. The order of the list is that of the pin.
import { openDialog } from "./dialog.js";
import { dragToReorder } from "./drag.js";
import { openLibrary } from "./library.js";
import { inTurn, isIdle } from "./turns.js";
import { typedIn } from "./typed.js";
import { requestJson, requestText } from "../http.js";
import { enhanceCrop } from "../media-crop.js";

const form = document.querySelector("#composer");
const list = form.querySelector("#attachments");
const trouble = form.querySelector("#files-trouble");
const altText = form.querySelector("#id_alt_text");
const orders = new Map(); // by id, the place in which a file was chosen

const items = () => [...list.children];
const itemOf = (id) => items().find((item) => item.dataset.id === String(id));
const announce = (sentence) => {
  form.querySelector("#attachment-announcement").textContent = sentence;
};
const offers = () => form.querySelector("#file-offers").dataset;

// The answer has taken away what had the focus: it goes to the file that stands there now.
function focusAt(index) {
  const item = items()[Math.min(index, items().length - 1)];
  (item?.querySelector("[value^='remove:']") ?? form.querySelector("#id_attachments")).focus();
}

const title = form.querySelector("#id_title");
const titleOffer = form.querySelector("#title-offer");
let isTitleDeclined = false;

// The name of the first file, as long as no title was typed, and this one not taken out.
function offerTitle() {
  if (title.value || isTitleDeclined || !offers().title) return;
  title.value = offers().title;
  titleOffer.hidden = false;
}

function offerAltText() {
  const { altText: offered, source } = offers();
  if (altText.value.trim() || !offered) return;
  altText.value = offered;
  altText.closest("details").open = true;
  form.querySelector("#alt_text-note").textContent = `Taken from “${source}”. Change it as you like.`;
}

// By id, what was typed for images that were in a carousel, and may be again.
const ownTexts = new Map();

function swapList(answer) {
  for (const texts of list.querySelectorAll(".attachment__own")) ownTexts.set(texts.id, texts);
  window.htmx.swap(list, answer, { swapStyle: "innerHTML" });
  for (const texts of list.querySelectorAll(".attachment__own")) {
    const typed = ownTexts.get(texts.id);
    if (typed && typed !== texts) texts.replaceWith(typed);
  }
}

// Shows the files of the list after `action`. Without an answer the list stays, with a sentence.
async function render(action) {
  const body = typedIn(form);
  body.append("action", action);
  try {
    const answer = await requestText(form.dataset.filesUrl, { body });
    const focused = document.activeElement;
    const index = items().findIndex((item) => item.contains(focused));
    swapList(answer);
    if (!focused.isConnected && document.activeElement === document.body) focusAt(Math.max(0, index));
    trouble.textContent = "";
  } catch (error) {
    trouble.textContent = error.message;
  }
  if (action.startsWith("added")) offerTitle();
  if (/^(added|cropped|covered)/.test(action)) offerAltText();
  form.dispatchEvent(new CustomEvent("composer:change", { detail: { isSettled: true } }));
}

// A file that is part of the pin from now on; how it looks comes with the next answer.
function place(id, before = null) {
  const item = document.createElement("li");
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "attachments", value: id });
  item.dataset.id = id;
  item.hidden = true;
  item.append(input);
  list.insertBefore(item, before);
  return item;
}

// `order` is that in which the files were chosen: several are uploaded at a time, and a small one overtakes a large one.
export function addAttachment({ id, name }, { order = Infinity } = {}) {
  return inTurn(async () => {
    if (itemOf(id)) {
      announce(`${name} is already attached.`);
      return;
    }
    orders.set(String(id), order);
    place(id, items().find((other) => orders.get(other.dataset.id) > order));
    await render(`added:${id}`);
  });
}

// The new file takes the place of the old one, and keeps the texts that were typed for it.
function replaceWith(item, id) {
  item.querySelector("[name=attachments]").value = id;
  for (const field of item.querySelectorAll("[name^=attachment_]")) field.name = field.name.replace(/\d+$/, id);
}

function crop(oldId) {
  const url = `${form.dataset.mediaUrl}${oldId}/crop/`;
  openDialog("Crop to 2:3", url, ".media-crop", {
    ready: enhanceCrop,
    submit: async (_, data) => {
      const { id } = await requestJson(url, { body: data });
      await inTurn(() => {
        const old = itemOf(oldId);
        if (old) replaceWith(old, id);
        return render(`cropped:${id}`);
      });
      return itemOf(id)?.querySelector("button");
    },
  });
}

function pickFrame() {
  const video = items().find((item) => item.dataset.kind === "video");
  if (!video) return;
  const url = `${form.dataset.mediaUrl}${video.dataset.id}/frames/`;
  openDialog("Choose a cover frame", url, ".media-frames", {
    submit: async (_, data) => {
      const { id } = await requestJson(url, { body: data });
      await inTurn(() => {
        list.replaceChildren(itemOf(video.dataset.id));
        place(id);
        return render(`covered:${id}`);
      });
      return itemOf(id)?.querySelector("button");
    },
  });
}

// The images become other files: what would be typed for the old ones meanwhile would be lost.
async function matchSize(_, action) {
  list.inert = true;
  await render(action);
  list.inert = false;
}

// By a button that leaves with the problem that it fixes.
const fix = (change) => async (id, action) => {
  await inTurn(() => change(id, action));
  if (document.activeElement.value === action) focusAt(0);
};

function takeColor() {
  const field = form.querySelector("#id_dominant_color");
  if (!offers().color) {
    announce("Add an image or a cover image first.");
    return;
  }
  field.value = offers().color;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const renderInTurn = (id, action) => inTurn(() => render(action));
const actions = {
  earlier: renderInTurn,
  later: renderInTurn,
  remove: renderInTurn,
  swap: fix((_, action) => render(action)),
  match_size: fix(matchSize),
  crop,
  pick_frame: pickFrame,
  take_color: takeColor,
};

export function enhanceAttachments() {
  form.addEventListener("click", (event) => {
    const action = event.target.closest("button[name=action]")?.value ?? "";
    const [name, id] = action.split(":");
    if (!(name in actions)) return;
    event.preventDefault();
    actions[name](id, action);
  });
  dragToReorder(list, ".attachment__handle", {
    canStart: isIdle,
    // Nothing else changes the list as long as an item is dragged.
    onStart: (ended) => inTurn(() => ended),
    onDrop: (item) => inTurn(() => render(`moved:${item.dataset.id}`)),
  });
  title.addEventListener("input", () => {
    isTitleDeclined ||= !title.value;
    titleOffer.hidden = true;
  });
  form.querySelector("#no-title").addEventListener("click", () => {
    title.value = "";
    title.dispatchEvent(new Event("input", { bubbles: true }));
    title.focus();
  });
  const choose = form.querySelector("#choose-media");
  choose.hidden = false;
  choose.addEventListener("click", () => openLibrary(form.dataset.chooseUrl, addAttachment));
}
