// Charts of the analytics pages. Chart.js, out of the chartkick package, is used directly: chartkick.js would smooth the
// lines, parse dates that need no parsing, and weigh 13 KB for options that all have to be given to Chart.js anyway.
const Chart = window.Chart;
const tokens = getComputedStyle(document.documentElement);
const color = (name) => tokens.getPropertyValue(`--${name}`).trim();
const LINES = ["accent", "notice", "danger", "warning", "success"];
const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumSignificantDigits: 3 });
const exact = new Intl.NumberFormat("en-GB");
const rate = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 2 });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const monthOfYear = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const fullDay = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const MARK_PX = 4;
// Of more days, triangles would run into each other.
const MOST_TRIANGLES = 92;
const PICTURE_SCALE = 2;
const charts = [];

const plural = (count) => `${exact.format(count)} pin${count === 1 ? "" : "s"} published`;

// A line needs two points: a day between two gaps is seen only as a dot.
function pointRadius({ dataset, dataIndex }) {
  const { data } = dataset;
  const isAlone = data[dataIndex - 1] == null && data[dataIndex + 1] == null;
  return isAlone ? 3 : data.length <= 31 ? 2 : 0;
}

// Triangles along the axis, under the days on which the team published.
const publishingMarks = {
  id: "publishingMarks",
  afterDatasetsDraw(chart, _, { shown }) {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.fillStyle = color("pin-head");
    ctx.strokeStyle = color("ink");
    ctx.lineWidth = 0.75;
    for (const [index, day] of shown.dates.entries()) {
      if (!shown.published[day]) continue;
      const x = scales.x.getPixelForValue(index);
      if (shown.dates.length > MOST_TRIANGLES) {
        ctx.fillRect(x - 0.5, chartArea.bottom - 2 * MARK_PX, 1, 2 * MARK_PX);
        continue;
      }
      ctx.beginPath();
      ctx.moveTo(x, chartArea.bottom - 2 * MARK_PX);
      ctx.lineTo(x + MARK_PX, chartArea.bottom);
      ctx.lineTo(x - MARK_PX, chartArea.bottom);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  },
};

function datasets(shown) {
  return shown.series.map(({ label, values, isComparison }, index) => ({
    label,
    data: values,
    isComparison,
    tension: 0,
    spanGaps: false,
    borderWidth: isComparison ? 1.5 : 2.25,
    borderDash: isComparison ? [5, 4] : [],
    pointRadius,
    pointHoverRadius: 5,
    pointHitRadius: 12,
    order: isComparison ? 1 : 0,
    token: isComparison ? "rule-strong" : LINES[index % LINES.length],
  }));
}

function options(shown) {
  const format = shown.isRate ? rate : exact;
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 6 } },
    scales: {
      x: {
        border: {},
        grid: { display: false },
        ticks: {
          autoSkip: true,
          autoSkipPadding: 16,
          maxRotation: 0,
          callback: (index) => (shown.dates.length > 366 ? monthOfYear : shortDay).format(new Date(shown.dates[index])),
        },
      },
      y: {
        beginAtZero: true,
        border: { display: false },
        grid: {},
        ticks: {
          maxTicksLimit: 5,
          ...(shown.isRate ? {} : { precision: 0 }),
          callback: (value) => (shown.isRate ? rate : compact).format(value),
        },
      },
    },
    plugins: {
      legend: { display: false },
      publishingMarks: { shown },
      tooltip: {
        callbacks: {
          title: ([item]) => fullDay.format(new Date(shown.dates[item.dataIndex])),
          label: (item) => ` ${item.dataset.label}: ${format.format(item.raw)}`,
          footer: ([item]) => {
            const count = shown.published[shown.dates[item.dataIndex]];
            return count ? plural(count) : "";
          },
        },
      },
    },
  };
}

// From the tokens of the color scheme that holds now. Takes a chart, or what one is about to be made of.
function paint({ data, options: { scales, plugins } }, figure) {
  data.datasets.forEach((dataset, index) => {
    const line = color(dataset.token);
    Object.assign(dataset, { borderColor: line, backgroundColor: line });
    const swatch = figure.querySelector(`[data-series="${index}"] .chart__swatch`);
    swatch.style.borderColor = line;
    swatch.classList.toggle("chart__swatch--dashed", Boolean(dataset.isComparison));
  });
  const { x, y } = scales;
  x.ticks.color = y.ticks.color = color("ink-soft");
  x.border.color = y.grid.color = color("rule");
  Object.assign(plugins.tooltip, {
    backgroundColor: color("ink"),
    titleColor: color("paper"),
    bodyColor: color("paper"),
    footerColor: color("paper"),
  });
}

function toggle(chart, button) {
  const index = Number(button.dataset.series);
  const isShown = !chart.isDatasetVisible(index);
  chart.setDatasetVisibility(index, isShown);
  button.setAttribute("aria-pressed", String(isShown));
  chart.update("none");
}

// The canvas is transparent and has no words; a picture that travels alone needs a ground, what it is about, its days
// and its lines. It is drawn at twice the size of the screen, for slides and paper.
function picture(chart, figure, shown) {
  const { canvas } = chart;
  const before = chart.currentDevicePixelRatio;
  chart.options.devicePixelRatio = PICTURE_SCALE;
  chart.resize();
  const [margin, head] = [16 * PICTURE_SCALE, 76 * PICTURE_SCALE];
  const sheet = document.createElement("canvas");
  sheet.width = canvas.width + 2 * margin;
  sheet.height = canvas.height + head + margin;
  const ctx = sheet.getContext("2d");
  ctx.fillStyle = color("paper");
  ctx.fillRect(0, 0, sheet.width, sheet.height);
  ctx.drawImage(canvas, margin, head);
  const subject = figure.closest("[data-subject]")?.dataset.subject;
  const days = `${longDay.format(new Date(shown.dates[0]))} to ${longDay.format(new Date(shown.dates.at(-1)))}`;
  const family = getComputedStyle(document.body).fontFamily;
  const write = (text, y, font, token) => {
    ctx.fillStyle = color(token);
    ctx.font = `${font}px ${family}`;
    ctx.fillText(text, margin, y * PICTURE_SCALE, sheet.width - 2 * margin);
  };
  write([shown.title, subject].filter(Boolean).join(", "), 28, `650 ${18 * PICTURE_SCALE}`, "ink");
  write(days, 46, `${13 * PICTURE_SCALE}`, "ink-soft");
  let x = margin;
  chart.data.datasets.forEach(({ label, token, isComparison }, index) => {
    if (!chart.isDatasetVisible(index)) return;
    ctx.strokeStyle = color(token);
    ctx.lineWidth = 2 * PICTURE_SCALE;
    ctx.setLineDash(isComparison ? [5 * PICTURE_SCALE, 4 * PICTURE_SCALE] : []);
    ctx.beginPath();
    ctx.moveTo(x, 60 * PICTURE_SCALE);
    ctx.lineTo(x + 22 * PICTURE_SCALE, 60 * PICTURE_SCALE);
    ctx.stroke();
    ctx.fillStyle = color("ink-soft");
    ctx.fillText(label, x + 28 * PICTURE_SCALE, 64 * PICTURE_SCALE);
    x += 28 * PICTURE_SCALE + ctx.measureText(label).width + margin;
  });
  chart.options.devicePixelRatio = before;
  chart.resize();
  return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
}

async function save(chart, figure, shown) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await picture(chart, figure, shown));
  link.download = `${fileName(figure, shown)}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const fileName = (figure, { dates }) => `${figure.id.replace("chart-", "")}-${dates[0]}-to-${dates.at(-1)}`;

function draw(figure) {
  const source = figure.querySelector("script[type='application/json']");
  if (!source) return;
  const shown = JSON.parse(source.textContent);
  const box = figure.querySelector(".chart__canvas");
  const toggles = figure.querySelector(".chart__toggles");
  const png = figure.querySelector("[data-chart-png]");
  for (const part of [box, toggles, png]) part.hidden = false;
  const config = { data: { labels: shown.dates, datasets: datasets(shown) }, options: options(shown) };
  paint(config, figure);
  const chart = new Chart(box.querySelector("canvas"), { type: "line", ...config, plugins: [publishingMarks] });
  charts.push([chart, figure]);
  toggles.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-series]");
    if (button) toggle(chart, button);
  });
  png.addEventListener("click", () => save(chart, figure, shown));
  figure.dataset.drawn = "";
}

function repaint() {
  for (const [chart, figure] of charts) {
    paint(chart, figure);
    chart.update("none");
  }
}

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
document.querySelectorAll("figure.chart").forEach(draw);
performance.mark("charts-drawn");
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
// On paper the sheets give light colors and another width.
addEventListener("beforeprint", () => {
  charts.forEach(([chart]) => chart.resize());
  repaint();
});
addEventListener("afterprint", () => {
  charts.forEach(([chart]) => chart.resize());
  repaint();
});
