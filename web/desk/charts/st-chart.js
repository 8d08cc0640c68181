/**
 * `<st-chart>`: figures over time, as bars that stand on each other or as lines, with the same figures as a table.
 *
 * `data` (property): a `ChartData`. With the attribute `choose`, fires `choose` with the index of a point, to see what is behind it.
 * By keyboard: the arrows go from point to point, Home and End to the ends, Enter chooses; each point is said aloud.
 * Drawn on a canvas by uPlot, in the colours of the scheme in force, again whenever the size or the scheme changes.
 */

import { css, define, fill, h, StElement } from "/design/index.js";
import uPlot from "../vendor/uplot/uPlot.esm.js";
import { PALETTE_CSS, resolved } from "./palette.js";
import { day, plotOf } from "./plot.js";

/** @typedef {import("./plot.js").ChartData} ChartData */

const HEIGHT = 220;

const styles = css`
:host { display: block; ${PALETTE_CSS} }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; min-block-size: 28px; }
ul { display: flex; flex-wrap: wrap; flex: 1; gap: 2px 14px; font-size: var(--st-text-s); color: var(--st-quiet); }
li { display: flex; align-items: center; gap: 6px; }
.key { flex: none; inline-size: 10px; block-size: 10px; border-radius: 3px; }
.as { min-block-size: 28px; margin-inline-start: auto; padding: 2px 8px; border-radius: var(--st-radius-s); font-size: var(--st-text-s); color: var(--st-quiet); text-decoration: underline; text-underline-offset: 2px; }
.as:hover { color: var(--st-text); background: var(--st-hover); }
.plot { position: relative; min-block-size: ${HEIGHT}px; direction: ltr; }
.plot.can-choose { cursor: pointer; }
.u-cursor-x { border-inline-end: 1px dashed var(--st-quiet) !important; }
.tip {
  position: absolute; inset-block-start: 4px; z-index: 2; min-inline-size: 140px; max-inline-size: 270px; padding: 8px 11px; border: 1px solid var(--st-line); border-radius: var(--st-radius);
  background: var(--st-surface); box-shadow: var(--st-shadow-l); font-size: var(--st-text-s); pointer-events: none;
}
.tip b { display: block; margin-block-end: 3px; font-weight: 650; }
.tip div { display: grid; grid-template-columns: 10px 1fr auto; gap: 7px; align-items: center; }
.tip span:last-child { font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { max-block-size: 320px; overflow: auto; }
table { inline-size: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-block-end: 1px solid var(--st-line); text-align: end; white-space: nowrap; font-weight: 400; }
th:first-child { text-align: start; }
thead th { position: sticky; inset-block-start: 0; background: var(--st-surface); color: var(--st-quiet); font-size: var(--st-text-s); font-weight: 600; }
`;

export class StChart extends StElement {
  static styles = [styles];

  /** @type {ChartData | null} */
  #data = null;
  /** @type {uPlot | null} */
  #plot = null;
  #at = -1;
  /** @type {string[]} */
  #colours = [];

  #legend = h("ul");
  #as = h("button", { type: "button", class: "as", onclick: () => this.#showTable(this.#table.hidden === true) });
  #tip = h("div", { class: "tip", hidden: true });
  #canvas = h("div", { class: "plot", tabIndex: 0, role: "application", "aria-roledescription": "chart" }, this.#tip);
  #table = h("div", { class: "scroll", hidden: true, tabIndex: 0, role: "region" });
  #said = h("p", { class: "sr", "aria-live": "polite" });
  #probe = h("span", { hidden: true });

  constructor() {
    super();
    const link = h("link", { rel: "stylesheet", href: new URL("../vendor/uplot/uPlot.min.css", import.meta.url).href });
    this.root.append(link, this.#probe, h("div", { class: "head" }, this.#legend, this.#as), this.#canvas, this.#table, this.#said);
    this.#canvas.addEventListener("click", () => this.#choose());
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    this.#canvas.addEventListener("blur", () => this.#point(null));
    this.#showTable(false);
  }

  connected() {
    const sizes = new ResizeObserver(() => this.#plot?.width === this.clientWidth || this.changed());
    const themes = new MutationObserver(() => this.changed());
    sizes.observe(this);
    themes.observe(document.documentElement, { attributes: true });
    this.signal.addEventListener("abort", () => {
      sizes.disconnect();
      themes.disconnect();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.changed(), { signal: this.signal });
  }

  disconnected() {
    this.#plot?.destroy();
    this.#plot = null;
  }

  get data() {
    return this.#data;
  }

  set data(data) {
    this.#data = data;
    this.changed();
  }

  render() {
    const data = this.#data;
    this.#plot?.destroy();
    this.#plot = null;
    this.#point(null);
    if (data === null || data.times.length === 0 || this.clientWidth === 0) return;
    const names = data.series.map(({ colour }, index) => `--chart-${colour ?? index + 1}`);
    const [text, grid, surface, ...colours] = resolved(this.#probe, ["--st-quiet", "--st-line", "--st-surface", ...names]);
    this.#colours = colours;
    const look = { series: colours, text, grid, surface, font: `12px ${getComputedStyle(this).fontFamily}` };
    const { options, rows } = plotOf(data, look, { width: this.clientWidth, height: HEIGHT, onPoint: (index) => this.#point(index) });
    this.#plot = new uPlot(options, rows, this.#canvas);
    this.#canvas.setAttribute("aria-label", summaryOf(data));
    this.#canvas.classList.toggle("can-choose", this.hasAttribute("choose"));
    fill(this.#legend, data.series.map(({ label }, index) => h("li", null, keyOf(colours[index]), h("span", null, label))));
    this.#legend.hidden = data.series.length === 1;
    fill(this.#table, tableOf(data));
    this.#table.setAttribute("aria-label", data.title);
  }

  /** @param {boolean} asTable */
  #showTable(asTable) {
    this.#table.hidden = !asTable;
    this.#canvas.hidden = asTable;
    this.#as.textContent = asTable ? "Show as chart" : "Show as table";
  }

  /**
   * What the pointer or the keyboard is at.
   * @param {number | null} index
   */
  #point(index) {
    const data = this.#data;
    this.#at = index ?? -1;
    if (data === null || index === null || this.#plot === null) {
      this.#tip.hidden = true;
      return;
    }
    const format = data.format ?? String;
    fill(this.#tip, h("b", null, day(data.times[index])), data.series.map(({ label, values }, series) =>
      h("div", null, keyOf(this.#colours[series]), h("span", null, label), h("span", null, format(values[index])))));
    this.#tip.hidden = false;
    const x = this.#plot.valToPos(data.times[index] / 1000, "x") + 52;
    const isRight = x > this.clientWidth / 2;
    this.#tip.style.left = isRight ? "auto" : `${x + 14}px`;
    this.#tip.style.right = isRight ? `${this.clientWidth - x + 14}px` : "auto";
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const data = this.#data;
    if (data === null || this.#plot === null) return;
    const last = data.times.length - 1;
    const from = this.#at < 0 ? last + 1 : this.#at;
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: Math.max(0, from - 1), ArrowRight: Math.min(last, this.#at + 1), Home: 0, End: last };
    if (event.key === "Enter") this.#choose();
    if (!(event.key in to)) return;
    event.preventDefault();
    const index = to[event.key];
    this.#plot.setCursor({ left: this.#plot.valToPos(data.times[index] / 1000, "x"), top: 0 });
    this.#point(index);
    const format = data.format ?? String;
    const figures = data.series.map(({ label, values }) => `${label} ${format(values[index])}`);
    this.#said.textContent = `${day(data.times[index])}: ${figures.join(", ")}`;
  }

  #choose() {
    if (this.#at < 0 || !this.hasAttribute("choose")) return;
    this.emit("choose", this.#at);
  }
}

/**
 * What a chart shows, in a sentence.
 * @param {ChartData} data
 */
function summaryOf({ title, times, series, format = String }) {
  const span = `${day(times[0])} to ${day(times[times.length - 1])}`;
  const parts = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${label}: nothing measured`;
    const most = Math.max(...known);
    return `${label}: at most ${format(most)}, on ${day(times[values.indexOf(most)])}`;
  });
  return `${title}, ${span}. ${parts.join("; ")}. The arrow keys go from point to point.`;
}

/** @param {ChartData} data */
function tableOf({ title, times, series, format = String }) {
  return h("table", null,
    h("caption", { class: "sr" }, title),
    h("thead", null, h("tr", null, ["Date", ...series.map(({ label }) => label)].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", null, times.map((at, index) =>
      h("tr", null, h("th", { scope: "row" }, day(at)), series.map(({ values }) => h("td", null, format(values[index])))))));
}

/**
 * A spot in the colour of a series.
 * @param {string} colour
 */
function keyOf(colour) {
  const key = h("span", { class: "key" });
  key.style.background = colour;
  return key;
}

define("st-chart", StChart);
