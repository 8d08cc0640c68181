/** The charts of a report: conversations by how they ended, escalations with their reasons, waiting, satisfaction. */

import { css, h } from "/design/index.js";
import { card } from "../page/desk-page.js";
import { count, duration, rating } from "./figures.js";
import { RESOLUTIONS, REASONS } from "./words.js";

/** @typedef {import("./shapes.js").Outcomes} Outcomes */
/** @typedef {import("./shapes.js").Point} Point */
/** @typedef {import("../charts/plot.js").ChartData} ChartData */
/** @typedef {import("/design/dom.js").Child} Child */

export const chartStyles = css`
st-chart { margin-block-start: 4px; }
.reasons { display: grid; grid-template-columns: minmax(0, 1.6fr) minmax(230px, 1fr); gap: 8px 32px; align-items: start; }
@media (max-width: 820px) { .reasons { grid-template-columns: minmax(0, 1fr); } }
`;

const DAY_MS = 86_400_000;

/**
 * @param {Outcomes} outcomes
 * @param {"day" | "week"} step
 * @param {(from_ms: number, to_ms: number) => void} open the conversations of a point
 * @param {Child} reasons
 */
export function charts({ series, range }, step, open, reasons) {
  const times = series.map(({ at_ms }) => at_ms);
  const each = step === "day" ? "a day" : "a week";
  const endOf = (/** @type {number} */ index) => times[index + 1] ?? Math.min(range.to_ms, times[index] + (step === "day" ? DAY_MS : 7 * DAY_MS));
  /** @param {Omit<ChartData, "times">} data */
  const chart = (data) => {
    const element = h("st-chart", { choose: true });
    element.data = { ...data, times };
    element.addEventListener("choose", (/** @type {CustomEvent} */ event) => open(times[event.detail], endOf(event.detail)));
    return element;
  };
  /** @type {(values: (point: Point) => number | null | undefined) => (number | null)[]} */
  const of = (values) => series.map((point) => values(point) ?? null);
  const stacks = (/** @type {typeof RESOLUTIONS} */ kinds, /** @type {"resolution" | "escalation_reasons"} */ what) =>
    kinds.map(({ name, label, colour }) => ({ label, colour, values: of((point) => point[what][name] ?? 0) })).filter(({ values }) => values.some((value) => value !== 0));
  return [
    card({ title: `Conversations ${each}`, about: "By how they ended. Press a bar to see its conversations." },
      chart({ title: `Conversations ${each}, by how they ended`, kind: "bars", series: stacks(RESOLUTIONS, "resolution"), format: count })),
    card({ title: "Escalations", about: "Conversations that went to a person, and why." }, h("div", { class: "reasons" },
      series.some(({ escalations }) => escalations > 0) && chart({ title: `Escalations ${each}, by reason`, kind: "bars", series: stacks(REASONS, "escalation_reasons"), format: count }), reasons)),
    h("div", { class: "two" },
      card({ title: "Waiting", about: "Half of the customers had their first response, and their matter done, within this time." },
        chart({
          title: "Waiting", kind: "lines", format: duration,
          series: [
            { label: "First response", colour: 8, values: of((point) => point.first_response_ms.median) },
            { label: "First response of a person", colour: 2, values: of((point) => point.person_response_ms?.median) }, { label: "Handling", colour: 3, values: of((point) => point.handling_ms.median) }],
        })),
      card({ title: "Satisfaction", about: "1 to 5: what customers said in the survey, and what Steward estimates from every conversation." },
        chart({
          title: "Satisfaction, 1 to 5", kind: "lines", format: rating, least: 1, most: 5,
          series: [{ label: "Survey", colour: 1, values: of((point) => point.satisfaction.survey.mean) }, { label: "Estimate", colour: 4, values: of((point) => point.satisfaction.estimate.mean) }],
        }))),
  ];
}
