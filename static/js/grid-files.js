// Files that are chosen or dropped are uploaded at once; when all have arrived, their drafts are made.
import { Uploads } from "./uploads.js";

const form = document.querySelector("#grid-files");
const make = document.querySelector("#grid-make");
const state = form.querySelector(".grid-files__state");
const stored = new Map(); // by the order in which the files were chosen
let hasFailed = false;

const files = (count) => `${count} file${count === 1 ? "" : "s"}`;

make.hidden = true; // choosing is enough, unless a file fails
new Uploads({
  form,
  url: form.dataset.uploadUrl,
  dropTarget: document.body,
  onUploaded: ({ id }, { order }) => stored.set(order, id),
  onFailed: () => (hasFailed = true),
  onChange: (running) => {
    state.textContent = running > 0 ? `Uploading ${files(running)}` : "";
    if (running > 0) return;
    if (stored.size === 0) return;
    form.querySelectorAll("[name=media]").forEach((input) => input.remove());
    for (const [, id] of [...stored].toSorted(([one], [other]) => one - other)) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "media", value: id });
      form.append(input);
    }
    if (!hasFailed) {
      form.submit();
      return;
    }
    make.hidden = false;
    state.textContent = `${files(stored.size)} uploaded. Some weren't; the reasons are below.`;
  },
});
