/**
 * What the server answers about outcomes.
 *
 * @typedef {{ median: number | null, p90: number | null }} Spread
 * @typedef {{ mean: number | null, n: number }} Mean
 *
 * @typedef {object} Totals
 * @property {number} conversations
 * @property {Record<string, number>} resolution
 * @property {Record<string, number>} [handed_off_then] what became of those that were handed off
 * @property {Spread} first_response_ms
 * @property {Spread} [person_response_ms] from the hand-off to a person's first words
 * @property {Spread} handling_ms
 * @property {{ survey: Mean, estimate: Mean }} satisfaction
 * @property {number} escalations
 * @property {Record<string, number>} escalation_reasons
 * @property {{ shown: number, accepted: number, edited: number, rejected: number, mean_similarity: number | null, saved_ms: number }} suggestions
 * @property {number} steward_replies
 * @property {number} agent_replies
 *
 * @typedef {Totals & { at_ms: number }} Point
 * @typedef {{ name: string, conversations: number, escalations: number, dissatisfied: number }} IntentRow
 *
 * @typedef {object} Outcomes
 * @property {{ from_ms: number, to_ms: number }} range
 * @property {Totals} totals
 * @property {Totals} previous
 * @property {Point[]} series
 * @property {IntentRow[]} intents
 */

export {};
