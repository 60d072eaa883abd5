// What a script adds to the charts that the server has drawn: the values under the pointer, and a chart as a PNG. It
// listens at the document, so that a chart which htmx brings later works as well. The values are those of the table.
const svgSpace = "http://www.w3.org/2000/svg";
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

function element(name, className, parent) {
  const made = document.createElement(name);
  made.className = className;
  parent.append(made);
  return made;
}

// The heights of a line's points by their place from the left, both as parts of the chart: of "M5 20h0L10 30".
const pointsOf = (path) =>
  new Map([...path.getAttribute("d").matchAll(/[ML]([\d.]+) ([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)]));

function partsOf(plot) {
  const made = plot.querySelector(".chart__hover");
  if (made) return made;
  const hover = element("div", "chart__hover", plot);
  element("div", "chart__guide", hover);
  element("div", "chart__tip", hover);
  return hover;
}

function show(plot, pointerX) {
  const table = plot.closest("[data-chart]").querySelector("table[data-values]");
  const { rows } = table.tBodies[0];
  const picture = plot.querySelector("svg").getBoundingClientRect();
  const index = clamp(Math.floor(((pointerX - picture.left) / picture.width) * rows.length), 0, rows.length - 1);
  const middle = (index + 0.5) / rows.length;
  const hover = partsOf(plot);
  hover.hidden = false;
  const guide = hover.querySelector(".chart__guide");
  guide.style.left = `${(index / rows.length) * 100}%`;
  guide.style.width = `${100 / rows.length}%`;
  hover.querySelectorAll(".chart__dot").forEach((dot) => dot.remove());
  for (const line of plot.querySelectorAll("[data-line]")) {
    const nearest = [...pointsOf(line)].find(([x]) => Math.abs(x - middle * 1000) < 300 / rows.length);
    if (!nearest) continue;
    const dot = element("div", `chart__dot ${line.getAttribute("class")}`, hover);
    dot.style.left = `${middle * 100}%`;
    dot.style.top = `${nearest[1]}%`;
  }
  const tip = hover.querySelector(".chart__tip");
  const names = [...table.tHead.rows[0].cells];
  tip.replaceChildren();
  for (const [column, cell] of [...rows[index].cells].entries()) {
    const text = column === 0 ? cell.textContent : `${names[column].textContent}: ${cell.textContent}`;
    element(column === 0 ? "strong" : "span", "", tip).textContent = text;
  }
  const left = middle * picture.width;
  tip.style.left = `${clamp(left + (left > picture.width / 2 ? -tip.offsetWidth - 12 : 12), 0, picture.width - tip.offsetWidth)}px`;
}

for (const kind of ["pointermove", "pointerdown"]) {
  document.addEventListener(kind, (event) => {
    const plot = event.target.closest?.("[data-plot]");
    for (const other of document.querySelectorAll(".chart__hover")) other.hidden = !plot?.contains(other);
    if (plot) show(plot, event.clientX);
  });
}

// A picture that travels alone needs a ground, what it is about, and its days: all that the sheets give on the page is
// written into a copy of the drawing, which the browser then paints at twice the size, for slides and paper.
const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "vector-effect"];
const SCALE = 2;
const [MARGIN, HEAD, FOOT] = [24, 76, 40];
const AXIS = 56;

function copyOf(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  for (const [index, part] of [copy, ...copy.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(originals[index]);
    for (const name of STYLES) part.setAttribute(name, style.getPropertyValue(name));
    part.removeAttribute("class");
  }
  return copy;
}

function write(sheet, text, y, size, color) {
  const words = document.createElementNS(svgSpace, "text");
  for (const [name, value] of Object.entries({ x: MARGIN, y, fill: color, "font-size": size })) words.setAttribute(name, value);
  words.setAttribute("font-family", getComputedStyle(document.body).fontFamily);
  words.textContent = text;
  sheet.append(words);
}

async function paint(figure) {
  const svg = figure.querySelector(".chart__picture");
  const { width, height } = svg.getBoundingClientRect();
  const style = getComputedStyle(document.body);
  const sheet = document.createElementNS(svgSpace, "svg");
  const [fullWidth, fullHeight] = [width + AXIS + 2 * MARGIN, height + HEAD + FOOT];
  sheet.setAttribute("width", fullWidth * SCALE);
  sheet.setAttribute("height", fullHeight * SCALE);
  sheet.setAttribute("viewBox", `0 0 ${fullWidth} ${fullHeight}`);
  const ground = document.createElementNS(svgSpace, "rect");
  for (const [name, value] of Object.entries({ width: fullWidth, height: fullHeight, fill: style.backgroundColor })) {
    ground.setAttribute(name, value);
  }
  sheet.append(ground);
  const subject = figure.closest("[data-subject]")?.dataset.subject;
  const cells = figure.querySelectorAll("table[data-values] tbody th");
  const title = figure.querySelector("h3").textContent;
  write(sheet, [title, subject].filter(Boolean).join(", "), 32, 18, style.color);
  write(sheet, `${cells[0].textContent} – ${[...cells].at(-1).textContent}`, 52, 13, style.color);
  const copy = copyOf(svg);
  for (const [name, value] of Object.entries({ x: MARGIN + AXIS, y: HEAD, width, height, overflow: "visible" })) {
    copy.setAttribute(name, value);
  }
  sheet.append(copy);
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(sheet))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [fullWidth * SCALE, fullHeight * SCALE];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-chart-png]");
  const figure = button && document.getElementById(button.dataset.chartPng);
  if (!figure) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await paint(figure));
  link.download = `${figure.id.replace("chart-", "")}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
});

const reveal = () => document.querySelectorAll("[data-chart-png]").forEach((button) => (button.hidden = false));
reveal();
document.addEventListener("htmx:afterSettle", reveal);
performance.mark("charts-drawn");
