/**
 * <st-spark label="Risk and satisfaction"></st-spark>
 *
 * Shares between 0 and 1 over a row of moments, as lines. `series` (property): `[{name, tone, points: [{x, value, label, detail}]}]`,
 * `x` any growing number, `label` a short word for the moment, `detail` lines that say why. One moment of all series can be pointed at or reached with the
 * arrow keys (Home, End): its values and reasons show beside it and are said. Enter or a press fires `choose` with the moment's x.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { place } from "../place.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: block; block-size: 44px; position: relative; }
.stage { inline-size: 100%; block-size: 100%; border-radius: var(--st-radius-s); cursor: pointer; }
svg { inline-size: 100%; block-size: 100%; overflow: visible; }
.grid { stroke: var(--st-line); stroke-width: 1; stroke-dasharray: 2 4; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.area { opacity: .12; }
.dot { stroke: var(--st-surface); stroke-width: 1.5; }
.bad { stroke: var(--st-bad); } .bad.area, .bad.dot { fill: var(--st-bad); }
.accent { stroke: var(--st-accent); } .accent.area, .accent.dot { fill: var(--st-accent); }
.good { stroke: var(--st-good); } .good.area, .good.dot { fill: var(--st-good); }
.info { stroke: var(--st-info); } .info.area, .info.dot { fill: var(--st-info); }
.area { stroke: none; }
.dot { stroke: var(--st-surface); }
.at { stroke: var(--st-quiet); stroke-width: 1; }
.tip {
  position: fixed; inset: auto; margin: 0; padding: 9px 12px; inline-size: max-content; max-inline-size: min(320px, calc(100vw - 16px)); border: 1px solid var(--st-line); border-radius: var(--st-radius);
  background: var(--st-surface); color: var(--st-text); box-shadow: var(--st-shadow-l); font-size: var(--st-text-s); pointer-events: none;
}
.tip .when { font-weight: 650; margin-block-end: 3px; }
.tip .row { display: flex; gap: 14px; justify-content: space-between; }
.tip .value { font-weight: 650; font-variant-numeric: tabular-nums; }
.tip .value.bad { color: var(--st-bad-text); } .tip .value.accent { color: var(--st-accent-text); } .tip .value.good { color: var(--st-good-text); } .tip .value.info { color: var(--st-info-text); }
.tip ul { margin-block-start: 4px; padding-inline-start: 15px; list-style: disc; color: var(--st-quiet); }
`;

/** @typedef {{x: number, value: number|null, label?: string, detail?: string[]}} Point */
/** @typedef {{name: string, tone: "bad"|"accent"|"good"|"info", points: Point[], area?: boolean}} Series */

const SVG = "http://www.w3.org/2000/svg";
const EDGE = 6;
const MOST_DOTS = 40;

export class StSpark extends StElement {
  static styles = [styles];
  static observedAttributes = ["label"];

  /** @type {Series[]} */
  #series = [];
  /** @type {number|null} index into the moments */
  #at = null;
  #stage = h("div", { class: "stage", tabIndex: 0, role: "slider" });
  #tip = h("div", { class: "tip", popover: "manual", "aria-hidden": "true" });
  #resize = new ResizeObserver(() => this.changed());

  constructor() {
    super();
    this.root.append(this.#stage, this.#tip);
    this.#stage.addEventListener("pointermove", (event) => this.#point(this.#nearest(event.clientX)));
    this.#stage.addEventListener("pointerleave", () => this.#point(null));
    this.#stage.addEventListener("focus", () => this.#stage.matches(":focus-visible") && this.#point(this.#at ?? this.#moments().length - 1));
    this.#stage.addEventListener("blur", () => this.#point(null));
    this.#stage.addEventListener("click", (event) => this.#choose(this.#nearest(event.clientX)));
    this.#stage.addEventListener("keydown", (event) => this.#key(event));
  }

  get series() {
    return this.#series;
  }

  set series(series) {
    this.#series = series;
    this.changed();
  }

  connected() {
    this.#resize.observe(this);
  }

  disconnected() {
    this.#resize.disconnect();
    this.#point(null);
  }

  #moments() {
    return [...new Set(this.#series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((one, other) => one - other);
  }

  /** @param {number} index */
  #left(index) {
    const most = this.#moments().length - 1;
    const width = this.#stage.clientWidth - 2 * EDGE;
    const isRtl = getComputedStyle(this).direction === "rtl";
    const part = most === 0 ? 1 : index / most;
    return EDGE + (isRtl ? 1 - part : part) * width;
  }

  /** @param {number} clientX */
  #nearest(clientX) {
    const x = clientX - this.#stage.getBoundingClientRect().left;
    let best = 0;
    for (let index = 1; index < this.#moments().length; index += 1) {
      if (Math.abs(this.#left(index) - x) < Math.abs(this.#left(best) - x)) best = index;
    }
    return best;
  }

  /** @param {number|null} at */
  #point(at) {
    if (this.#moments().length === 0) at = null;
    this.#at = at;
    this.#mark();
    const says = at === null ? null : this.#says(at);
    if (says === null || at === null) {
      if (this.#tip.matches(":popover-open")) this.#tip.hidePopover();
      return;
    }
    fill(this.#tip, says.when && h("div", { class: "when" }, says.when),
      says.rows.map(({ name, tone, text }) => h("div", { class: "row" }, name, h("span", { class: `value ${tone}` }, text))),
      says.why.length > 0 && h("ul", null, says.why.map((line) => h("li", null, line))));
    this.#tip.showPopover();
    const anchor = this.root.querySelector(".at");
    place(this.#tip, anchor ?? this.#stage, "center", 4);
    const words = says.rows.map(({ name, text }) => `${name} ${text}`).join(", ");
    this.#stage.setAttribute("aria-valuetext", [says.when, words, ...says.why].filter(Boolean).join(". "));
    this.#stage.setAttribute("aria-valuenow", String(at));
  }

  /** @param {number} at */
  #says(at) {
    const x = this.#moments()[at];
    const found = this.#series.flatMap((series) => series.points.filter((point) => point.x === x).map((point) => ({ series, point })));
    return {
      when: found.find(({ point }) => point.label)?.point.label ?? "",
      rows: found.filter(({ point }) => point.value !== null).map(({ series: { name, tone }, point }) => ({ name, tone, text: `${Math.round((point.value ?? 0) * 100)}%` })),
      why: [...new Set(found.flatMap(({ point }) => point.detail ?? []))],
    };
  }

  /** @param {number|null} at */
  #choose(at) {
    if (at !== null && this.#moments()[at] !== undefined) this.emit("choose", this.#moments()[at]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const most = this.#moments().length - 1;
    const at = this.#at ?? most;
    const steps = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: most };
    const to = Reflect.get(steps, event.key);
    if (to !== undefined) this.#point(Math.max(0, Math.min(most, to)));
    else if (event.key === "Enter") this.#choose(this.#at);
    else if (event.key === "Escape") this.#point(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  render() {
    const moments = this.#moments();
    const height = this.#stage.clientHeight - 2 * EDGE;
    const top = (/** @type {number} */ value) => EDGE + (1 - Math.max(0, Math.min(1, value))) * height;
    const parts = [shape("line", { class: "grid", x1: 0, x2: this.#stage.clientWidth, y1: top(0.5), y2: top(0.5) })];
    for (const { tone, points, area } of this.#series) {
      const places = points.filter(({ value }) => value !== null).map(({ x, value }) => [this.#left(moments.indexOf(x)), top(value ?? 0)]);
      if (places.length === 0) continue;
      const line = places.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
      if (area && places.length > 1) parts.push(shape("path", { class: `area ${tone}`, d: `${line}L${places.at(-1)?.[0]} ${top(0)}L${places[0][0]} ${top(0)}Z` }));
      parts.push(shape("path", { class: `line ${tone}`, d: line }));
      const dots = places.length > MOST_DOTS ? places.slice(-1) : places;
      for (const [x, y] of dots) parts.push(shape("circle", { class: `dot ${tone}`, cx: x, cy: y, r: 3.2 }));
    }
    const svg = shape("svg", { "aria-hidden": "true" });
    svg.append(...parts, shape("line", { class: "at", visibility: "hidden" }));
    fill(this.#stage, svg);
    const stage = this.#stage;
    stage.setAttribute("aria-label", this.getAttribute("label") ?? "Course over time");
    stage.setAttribute("aria-valuemin", "0");
    stage.setAttribute("aria-valuemax", String(Math.max(0, moments.length - 1)));
    if (this.#at === null && moments.length > 0) {
      const { rows } = this.#says(moments.length - 1);
      stage.setAttribute("aria-valuenow", String(moments.length - 1));
      stage.setAttribute("aria-valuetext", rows.map(({ name, text }) => `${name} ${text}`).join(", "));
    } else if (moments.length === 0) {
      stage.setAttribute("aria-valuenow", "0");
      stage.setAttribute("aria-valuetext", "nothing yet");
    }
    this.#mark();
  }

  #mark() {
    const mark = this.root.querySelector(".at");
    if (mark === null) return;
    mark.setAttribute("visibility", this.#at === null ? "hidden" : "visible");
    if (this.#at === null) return;
    const x = String(this.#left(this.#at));
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: "0", y2: String(this.#stage.clientHeight) })) mark.setAttribute(name, value);
  }
}

/**
 * @param {string} name
 * @param {Record<string, string|number>} attributes
 * @returns {SVGElement}
 */
function shape(name, attributes) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

define("st-spark", StSpark);
