// The frame of “Crop to 2:3” follows the slider, and the pointer that drags it. Without this script the slider alone is sent.
export function enhanceCrop(root) {
  const picture = root.querySelector(".media-crop__picture");
  const slider = root.querySelector("#id_position[type=range]");
  if (!slider) return;
  const [roomX, roomY] = [Number(picture.dataset.roomX), Number(picture.dataset.roomY)];
  const rects = picture.querySelectorAll(".media-crop__hole, .media-crop__frame");

  const show = () => {
    for (const rect of rects) {
      rect.setAttribute("x", (roomX * slider.value) / 100);
      rect.setAttribute("y", (roomY * slider.value) / 100);
    }
  };
  slider.addEventListener("input", show);
  show(); // “Back” brings an old position along

  let grip = null; // where the pointer took the frame, and where the frame stood
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, y: event.clientY, position: Number(slider.value) };
  });
  picture.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const { width, height } = picture.getBoundingClientRect();
    const { width: fullWidth, height: fullHeight } = picture.viewBox.baseVal;
    const moved = roomX
      ? ((event.clientX - grip.x) * fullWidth) / width / roomX
      : ((event.clientY - grip.y) * fullHeight) / height / roomY;
    slider.value = Math.min(100, Math.max(0, grip.position + 100 * moved));
    show();
  });
  for (const kind of ["pointerup", "pointercancel"]) picture.addEventListener(kind, () => (grip = null));
}

enhanceCrop(document);
