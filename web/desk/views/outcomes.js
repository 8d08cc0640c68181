/**
 * /desk/outcomes: what became of the conversations of a time range (?range=28d, or ?from=&to=), against the range before. Every figure leads to
 * the conversations behind it; the figures themselves can be taken along as CSV.
 */

import { css, define, h, icon } from "/design/index.js";
import { address, get } from "../api.js";
import "../charts/st-chart.js";
import { charts, chartStyles } from "../outcomes/charts.js";
import { endingStyles, endings, reasons } from "../outcomes/endings.js";
import { insight } from "../outcomes/insight.js";
import { intents, intentStyles } from "../outcomes/intents.js";
import { parametersOf, rangeOf, stepOf, wordsOf } from "../outcomes/range.js";
import { rangePicker, rangeStyles } from "../outcomes/range-picker.js";
import { suggestions, suggestionStyles } from "../outcomes/suggestions.js";
import { totalStyles, totals } from "../outcomes/totals.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { go } from "../routes.js";

/** @typedef {import("../outcomes/shapes.js").Outcomes} Outcomes */

/** Days begin where the reader is. */
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const styles = css`
.insight h2 { margin-block-end: 3px; }
.insight ul { display: grid; gap: 2px; }
.insight li { text-wrap: pretty; }
`;

/** @extends {DeskPage<Outcomes>} */
export default class OutcomesView extends DeskPage {
  static styles = [page, rangeStyles, totalStyles, endingStyles, chartStyles, suggestionStyles, intentStyles, styles];

  #range = rangeOf(new URLSearchParams());

  /** @returns {Promise<Outcomes>} */
  async ask() {
    this.#range = rangeOf(this.query);
    const { from_ms, to_ms } = this.#range;
    return get("/v1/outcomes", { from_ms, to_ms, by: stepOf(this.#range), timezone: ZONE }, { timeoutMs: 90_000 });
  }

  /** @param {Outcomes} outcomes */
  body(outcomes) {
    const { totals: now, previous: before } = outcomes;
    const range = this.#range;
    const behind = (/** @type {Record<string, string>} */ filter) => address("/desk/outcomes/conversations", { ...parametersOf(range), ...filter });
    const found = insight(outcomes, behind);
    return [
      titled("Outcomes", `What became of the conversations of ${wordsOf(range)}, and of the ${range.days === 1 ? "day" : `${range.days} days`} before.`, this.#exports()),
      rangePicker(range, "/desk/outcomes", this.query),
      now.conversations === 0 && card({ title: "No conversations" }, nothing("chart", "Nobody wrote in this time", "Choose another time, or come back once customers have written.")),
      now.conversations > 0 && [
        found !== null && h("section", { class: "callout insight", "aria-label": found.title }, icon("info", 20), h("div", null, h("h2", null, found.title), h("ul", null, found.lines.map((line) => h("li", null, line))))),
        totals(now, before, behind),
        endings(now, before, behind),
        charts(outcomes, stepOf(range), (from_ms, to_ms) => go(address("/desk/outcomes/conversations", { from_ms, to_ms })),
          now.escalations > 0 || before.escalations > 0 ? reasons(now, before, behind) : nothing("check", "Nothing escalated")),
        suggestions(now, before),
        intents(outcomes.intents, behind),
      ],
    ].flat();
  }

  #exports() {
    const { from_ms, to_ms } = this.#range;
    const menu = h("st-menu", { label: "Export", align: "end" }, h("st-button", { slot: "trigger", icon: "download", "icon-after": "down" }, "Export as CSV"));
    menu.items = [
      { id: "conversations", label: "Conversations", hint: "One line each, with its outcome", icon: "file" },
      { id: "series", label: "Figures over time", hint: "One line a day or week", icon: "chart" },
    ];
    menu.addEventListener("choose", (/** @type {CustomEvent} */ event) => {
      const what = event.detail === "series" ? "series" : null;
      const link = h("a", { href: address("/v1/outcomes.csv", { from_ms, to_ms, by: stepOf(this.#range), what, timezone: ZONE }), download: `${event.detail}-${this.#range.from}-${this.#range.to}.csv` });
      link.click();
    });
    return menu;
  }
}

define("desk-outcomes", OutcomesView);
