// The media library: uploads start when files are chosen or dropped, and the grid follows.
const form = document.querySelector("#media-form");

if (form) {
  form.querySelector("#media-submit").hidden = true; // choosing is enough
  let hasNews = false;
  new window.Uploads({
    form,
    url: form.action,
    onUploaded: () => {
      hasNews = true;
    },
    onChange: (running) => {
      if (running === 0 && hasNews) {
        hasNews = false;
        window.htmx.ajax("GET", window.location.href, { target: "#media-grid", select: "#media-grid", swap: "outerHTML" });
      }
    },
  });
}
