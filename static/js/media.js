// The media library: uploads start when files are chosen or dropped, and the grid follows.
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
  const onUploaded = (attachment, { file, wasThere }) => {
    const parsed = document.createRange().createContextualFragment(attachment);
    if (wasThere) say(`“${file.name}” is already in your library.`);
    say(parsed.querySelector(".attachment__notice")?.textContent);
    refresh();
  };
  let isIdle = true;
  const onChange = (running) => {
    if (isIdle) news.replaceChildren(); // said about the files before
    isIdle = running === 0;
  };
  new Uploads({ form, url: form.action, onUploaded, onChange });
}
