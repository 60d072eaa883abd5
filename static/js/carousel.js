// Previous, next and dots for a row of pictures that scrolls by itself: without this script one swipes, or uses the bar.
function button(className, label, icon) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.setAttribute("aria-label", label);
  made.textContent = icon;
  return made;
}

export function enhanceCarousel(carousel) {
  const track = carousel.querySelector(".carousel__track");
  const slides = [...track.children];
  const previous = button("carousel__step carousel__step--previous", "Previous image", "‹");
  const next = button("carousel__step carousel__step--next", "Next image", "›");
  const dots = document.createElement("div");
  dots.className = "carousel__dots";
  let current = 0;

  const goTo = (index) => {
    const slide = slides[Math.max(0, Math.min(slides.length - 1, index))];
    track.scrollTo({ left: slide.offsetLeft - track.offsetLeft });
  };
  const show = () => {
    current = Math.round(track.scrollLeft / track.clientWidth) || 0;
    // Not `disabled`, which would take the focus away from who has just pressed it.
    previous.setAttribute("aria-disabled", current === 0);
    next.setAttribute("aria-disabled", current === slides.length - 1);
    [...dots.children].forEach((dot, index) => dot.toggleAttribute("aria-current", index === current));
    carousel.dispatchEvent(new CustomEvent("carousel:show", { detail: current, bubbles: true }));
  };

  slides.forEach((_, index) => {
    const dot = button("carousel__dot", `Image ${index + 1}`, "");
    dot.addEventListener("click", () => goTo(index));
    dots.append(dot);
  });
  previous.addEventListener("click", () => goTo(current - 1));
  next.addEventListener("click", () => goTo(current + 1));
  track.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: slides.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    goTo(step);
  });
  let shown = 0;
  track.addEventListener("scroll", () => {
    cancelAnimationFrame(shown);
    shown = requestAnimationFrame(show);
  });
  carousel.append(previous, next, dots);
  carousel.classList.add("is-enhanced");
  show();
}

for (const carousel of document.querySelectorAll(".carousel")) enhanceCarousel(carousel);
