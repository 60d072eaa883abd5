// The library in the composer's dialog: files are chosen one after the other, over searches and pages, and are added in
// that order.
import { openDialog } from "./dialog.js";
import { requestJson } from "../http.js";

const foot = document.querySelector("#library-foot");
const addButton = foot.querySelector("button");
let chosen = new Map(); // by id, in the order of the choice
let addFile = () => {};

function show(body) {
  const ids = [...chosen.keys()];
  for (const button of body.querySelectorAll("[data-media]")) {
    const place = ids.indexOf(button.dataset.media) + 1;
    button.setAttribute("aria-pressed", place > 0);
    button.querySelector(".media-choice__place").textContent = place || "";
  }
  addButton.disabled = chosen.size === 0;
  addButton.textContent = chosen.size === 0 ? "Add" : `Add ${chosen.size}`;
}

export function openLibrary(url, add) {
  chosen = new Map();
  addFile = add;
  openDialog("Choose from library", url, "#media-choice", {
    foot,
    ready: show,
    choose: (button, body) => {
      const { media, name } = button.dataset;
      if (!chosen.delete(media)) chosen.set(media, { id: media, name });
      show(body);
    },
    finish: () => Promise.all([...chosen.values()].map((file) => addFile(file))),
    submit: async (link, data) => addFile(await requestJson(link.action, { body: data })), // “Add from link”
  });
}
