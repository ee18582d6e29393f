// One chart of the last hour: a figure whose caption says in words what the curve shows.
import { el, setText } from "./dom.js";
import { sayMoment } from "./durations.js";

const heightPx = 170;
const hourSeconds = 3_600;
/** Of a server that has run for less than an hour, the chart shows that time, and at least this much. */
const leastSeconds = 600;
const darkness = matchMedia("(prefers-color-scheme: dark)");

export class Chart {
  #plot = null;
  #box = el("div", { class: "plot", "aria-hidden": "true" });
  #present = el("strong");
  #range = el("span", { class: "soft small" });
  #reading = el("p", { class: "reading small", "aria-hidden": "true" });
  #keys;
  #series;
  #say;
  #steps;
  #data = [[], []];

  /**
   * `series`: for each `column` of the history its `label`, whether its line is `dashed` (the second of two), and `scale`, what a
   * value is divided by to be drawn. `say` puts a drawn value in words, `steps` are the distances that marks may have.
   */
  constructor(figure, { title, series, say, steps = null }) {
    this.#series = series;
    this.#steps = steps;
    this.#say = say;
    this.#keys = series.map(({ label, dashed }, index) =>
      el("span", { class: `key key-${index + 1}${dashed ? " dashed" : ""}` }, label),
    );
    figure.append(
      el(
        "figcaption",
        {},
        el("h4", {}, title),
        el("p", {}, this.#present, " ", this.#range),
        el("p", { class: "keys small" }, ...this.#keys),
      ),
      this.#box,
      this.#reading,
    );
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#width, height: heightPx })).observe(this.#box);
    darkness.addEventListener("change", () => this.#draw());
  }

  /** Shows the hour, and its present value and range in words. */
  show(history, present, range) {
    setText(this.#present, present);
    setText(this.#range, range);
    this.#data = [
      history.column("at").map((at) => at / 1_000),
      ...this.#series.map(({ column, scale = 1 }) => history.column(column).map((value) => toDrawn(value, scale))),
    ];
    if (this.#width === 0) return;
    if (this.#plot === null) this.#draw();
    else this.#plot.setData(this.#data);
  }

  get #width() {
    return Math.floor(this.#box.clientWidth);
  }

  /** Anew, because the curves are painted in the colours of the scheme. */
  #draw() {
    this.#plot?.destroy();
    this.#plot = null;
    if (this.#width === 0 || globalThis.uPlot === undefined) return;
    this.#plot = new globalThis.uPlot(this.#options(), this.#data, this.#box);
  }

  #options() {
    const { color: ink, borderTopColor: lines } = getComputedStyle(this.#box);
    const axis = {
      stroke: ink,
      grid: { stroke: lines, width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: this.#width,
      height: heightPx,
      padding: [8, 34, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: true, range: (_plot, least, most) => toHour(least ?? 0, most ?? 0) },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...axis, size: 28, space: 80, values: (_plot, ticks) => ticks.map(toTime) },
        {
          ...axis,
          size: 62,
          space: 36,
          values: (_plot, ticks) => ticks.map((tick) => this.#say(tick)),
          ...(this.#steps !== null && { incrs: this.#steps }),
        },
      ],
      series: [{}, ...this.#series.map((line, index) => this.#line(line, index))],
      hooks: { setCursor: [(plot) => this.#read(plot.cursor.idx)] },
    };
  }

  #line({ label, dashed, filled }, index) {
    const { color } = getComputedStyle(this.#keys[index]);
    return {
      label,
      stroke: color,
      width: 2,
      // A value without neighbours is a point, for it has no line.
      points: { show: true, size: 4, fill: color, filter: (plot, line) => lonely(plot.data[line]) },
      ...(dashed && { dash: [6, 4] }),
      ...(filled && { fill: color.replace(/^rgb\((.+)\)$/, "rgba($1, 0.12)") }),
    };
  }

  /** What the pointer stands on. */
  #read(index) {
    const at = this.#data[0][index];
    const values = this.#series.map(({ label }, line) => {
      const value = this.#data[line + 1][index];
      return value === null || value === undefined ? null : `${label} ${this.#say(value)}`;
    });
    const words =
      at === undefined ? "" : `${sayMoment(at * 1_000)}: ${values.filter((value) => value !== null).join(", ")}`;
    setText(this.#reading, words);
  }
}

function toDrawn(value, scale) {
  return typeof value === "number" && value >= 0 ? value / scale : null;
}

/** From where to where the time goes, of what is known. */
function toHour(least, most) {
  return [Math.max(most - hourSeconds, Math.min(least, most - leastSeconds)), most];
}

function lonely(values) {
  const isKnown = (index) => values[index] !== null && values[index] !== undefined;
  return [...values.keys()].filter((index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1));
}

function toTime(seconds) {
  return new Date(seconds * 1_000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
