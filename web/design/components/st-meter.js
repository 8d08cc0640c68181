/**
 * <st-meter value="0.72" label="Risk" from-warn=".35" from-bad=".6"></st-meter>
 *
 * A share between 0 and 1 as a bar that takes the colour of how bad it is: good below `from-warn`, bad from `from-bad` on. With
 * `good-high` a high share is the good one. `show` writes the percentage beside it; `size="s"` is for rows of lists.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: inline-flex; align-items: center; gap: 7px; min-inline-size: 44px; }
.bar { flex: 1; min-inline-size: 40px; block-size: 6px; border-radius: 3px; background: var(--st-line); overflow: hidden; }
:host([size="s"]) .bar { block-size: 4px; }
.part { block-size: 100%; inline-size: var(--part); border-radius: 3px; background: var(--st-good); transition: inline-size var(--st-slow); }
.warn .part { background: var(--st-warn); }
.bad .part { background: var(--st-bad); }
.text { font-size: var(--st-text-xs); font-weight: 600; font-variant-numeric: tabular-nums; }
`;

/**
 * How bad a risk is, in the desk's words.
 * @param {number} value 0 to 1
 * @param {number} [fromWarn]
 * @param {number} [fromBad]
 * @returns {"good"|"warn"|"bad"}
 */
export function toneOfRisk(value, fromWarn = 0.35, fromBad = 0.6) {
  return value >= fromBad ? "bad" : value >= fromWarn ? "warn" : "good";
}

export class StMeter extends StElement {
  static styles = [styles];
  static observedAttributes = ["value", "label", "show", "good-high", "from-warn", "from-bad"];

  render() {
    const value = Math.max(0, Math.min(1, Number(this.getAttribute("value") ?? 0) || 0));
    const isHighGood = this.hasAttribute("good-high");
    const tone = toneOfRisk(isHighGood ? 1 - value : value, number(this, "from-warn", 0.35), number(this, "from-bad", 0.6));
    const text = `${Math.round(value * 100)}%`;
    const bar = h("div", {
      class: `bar ${tone}`, role: "meter", "aria-label": this.getAttribute("label") ?? "", "aria-valuemin": "0", "aria-valuemax": "100",
      "aria-valuenow": String(Math.round(value * 100)), "aria-valuetext": text,
    }, h("div", { class: "part" }));
    bar.style.setProperty("--part", text);
    fill(this.root, bar, this.hasAttribute("show") && h("span", { class: "text", "aria-hidden": "true" }, text));
  }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {number} otherwise
 */
function number(element, name, otherwise) {
  const text = element.getAttribute(name);
  return text === null || Number.isNaN(Number(text)) ? otherwise : Number(text);
}

define("st-meter", StMeter);
