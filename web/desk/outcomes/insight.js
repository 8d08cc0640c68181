/**
 * What moved most between a range and the one before, in sentences: read off the figures, with no figure of its own. Differences of one or
 * two conversations are chance and not told.
 */

import { h } from "/design/index.js";
import { count, percent, share } from "./figures.js";
import { REASONS, counted, words } from "./words.js";

/** @typedef {import("./shapes.js").Outcomes} Outcomes */
/** @typedef {import("./totals.js").Behind} Behind */
/** @typedef {import("/design/dom.js").Child} Child */

const FEWEST = 3; // conversations by which something must have moved
const SHOWN = 3;

/**
 * @param {Outcomes} outcomes
 * @param {Behind} behind
 * @returns {{ title: string, lines: Child[][] } | null} null where nothing moved enough
 */
export function insight({ totals: now, previous: before, intents }, behind) {
  const more = now.escalations - before.escalations;
  if (before.conversations === 0 || Math.abs(more) < FEWEST) return null;
  const title = `Escalations ${more > 0 ? "rose" : "fell"} from ${count(before.escalations)} to ${count(now.escalations)}`;
  const of = (/** @type {number} */ part, /** @type {number} */ whole) => percent(share(part, whole));
  /** @type {Child[][]} */
  const lines = [[
    `Conversations went from ${count(before.conversations)} to ${count(now.conversations)}; `,
    `${of(before.escalations, before.conversations)} of them escalated before, ${of(now.escalations, now.conversations)} now.`,
  ]];
  const moved = counted(REASONS, now.escalation_reasons)
    .map((kind) => ({ ...kind, by: kind.count - (before.escalation_reasons[kind.name] ?? 0) }))
    .filter(({ by }) => Math.sign(by) === Math.sign(more))
    .sort((one, other) => Math.abs(other.by) - Math.abs(one.by))
    .slice(0, SHOWN);
  if (moved.length > 0) {
    lines.push([more > 0 ? "What rose most: " : "What fell most: ", ...joined(moved.map(({ label, name, by }) =>
      [h("a", { href: behind({ reason: name }) }, label.toLowerCase()), ` (${by > 0 ? "+" : "−"}${count(Math.abs(by))})`]))]);
  }
  const about = intents.filter(({ escalations }) => escalations > 0).sort((one, other) => other.escalations - one.escalations).slice(0, SHOWN);
  if (about.length > 0) {
    lines.push(["Most of them are about: ", ...joined(about.map(({ name, escalations }) =>
      [h("a", { href: behind({ intent: name, reason: "any" }) }, words(name).toLowerCase()), ` (${count(escalations)})`]))]);
  }
  return { title, lines };
}

/**
 * @param {Child[][]} parts
 * @returns {Child[]}
 */
function joined(parts) {
  return parts.flatMap((part, index) => [index > 0 ? ", " : "", ...part, index === parts.length - 1 ? "." : ""]);
}
