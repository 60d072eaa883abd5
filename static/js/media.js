// The media library: uploads start when files are chosen or dropped, and the grid follows.
import "./bulk.js";
import { Uploads } from "./uploads.js";

const form = document.querySelector("#media-form");

if (form) {
  form.querySelector("#media-submit").hidden = true; // choosing is enough

  let isRefreshing = false;
  let hasNews = false;
  const refresh = async () => {
    hasNews = true;
    if (isRefreshing) return; // the answer under way may lack the newest file
    isRefreshing = true;
    while (hasNews) {
      hasNews = false;
      const options = { target: "#media-grid", select: "#media-grid", swap: "outerHTML" };
      await window.htmx.ajax("GET", window.location.href, options).catch(() => {});
    }
    isRefreshing = false;
  };
  const news = document.querySelector("#media-news");
  const say = (sentence) => {
    if (sentence) news.append(`${sentence} `);
  };
  const onUploaded = (stored, { file }) => {
    if (stored.was_there) say(`“${file.name}” is already in your library.`);
    say(stored.notice);
    refresh();
  };

  // Many uploads are one bar; what each of them is at is folded away, until one of them needs a person.
  const summary = document.querySelector("#upload-summary");
  const bar = summary.querySelector(".upload-summary__bar");
  const text = summary.querySelector(".upload-summary__text");
  const rows = () => [...summary.querySelectorAll(".upload")];
  let running = 0;
  let total = 0;
  const show = () => {
    const failed = rows().filter((row) => row.matches(".upload--failed")).length;
    const underWay = rows().filter((row) => !row.matches(".upload--failed"));
    // A file that is sent as a whole is still checked.
    const left = underWay.reduce((sum, row) => sum + 1 - (0.9 * row.querySelector("progress").value) / 100, 0);
    const files = (count) => `${count} file${count === 1 ? "" : "s"}`;
    bar.hidden = running === 0;
    bar.value = total ? 100 * (1 - left / total) : 0;
    const told = running ? `Uploading ${files(total)}: ${total - running} done` : `${files(failed)} not uploaded`;
    if (text.textContent !== told) text.textContent = told;
    if (failed && !running) summary.open = true;
    summary.hidden = rows().length === 0;
  };
  const onChange = (now) => {
    if (running === 0 && now > 0) {
      news.replaceChildren(); // said about the files before
      total = 0;
    }
    total += Math.max(0, now - running);
    running = now;
    show();
  };
  // A row that is dismissed changes what is left to tell.
  new MutationObserver(show).observe(summary.querySelector("#uploads"), { childList: true });
  new Uploads({ form, url: form.action, onUploaded, onChange, onProgress: show, dropTarget: document.body });
}
