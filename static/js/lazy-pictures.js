// Pictures of long pages are fetched when they come near. The browser's own lazy loading looks so far ahead that all of
// them would be part of the first load.
const AHEAD = "200px";

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      const picture = target.querySelector("img[data-src]");
      picture.src = picture.dataset.src;
      picture.hidden = false;
      watcher.unobserve(target);
    }
  },
  { rootMargin: AHEAD },
);

// The frame is watched: a hidden picture has no place.
for (const picture of document.querySelectorAll("img[data-src]")) watcher.observe(picture.parentElement);
