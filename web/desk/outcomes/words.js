/** How outcomes, reasons and intents are called, what they mean, and their place in the palette. */

/** @typedef {{ name: string, label: string, meaning: string, colour: number }} Kind */

/** From what the customer said to what nobody knows. @type {Kind[]} */
export const RESOLUTIONS = [
  { name: "confirmed", label: "Confirmed", meaning: "The customer said that it is solved.", colour: 1 },
  { name: "assumed", label: "Assumed", meaning: "Answered, and the customer wrote no more. They may be content, or not.", colour: 8 },
  { name: "handed_off", label: "Handed off", meaning: "It went to a person.", colour: 3 },
  { name: "came_back", label: "Came back", meaning: "The same customer came back with a like matter within 7 days.", colour: 4 },
  { name: "abandoned", label: "Abandoned", meaning: "The customer left unanswered, or dissatisfied.", colour: 2 },
  { name: "open", label: "Still open", meaning: "It goes on, or it is too early to say.", colour: 6 },
];

/** @type {Kind[]} */
export const REASONS = [
  { name: "asks_for_person", label: "Asks for a person", meaning: "The customer wants to talk to somebody.", colour: 3 },
  { name: "repeated_failure", label: "Repeated failure", meaning: "Steward failed, misunderstood or repeated itself.", colour: 2 },
  { name: "anger", label: "Anger", meaning: "Strong anger, an insult, an ultimatum.", colour: 5 },
  { name: "legal_or_public_threat", label: "Legal or public threat", meaning: "A lawyer, a regulator, a chargeback, the press, bad reviews.", colour: 4 },
  { name: "safety", label: "Safety", meaning: "Danger to people.", colour: 7 },
  { name: "policy_exception", label: "Policy exception", meaning: "Something that only a person may grant.", colour: 1 },
  { name: "vulnerable_customer", label: "Vulnerable customer", meaning: "A customer who needs particular care.", colour: 8 },
  { name: "other", label: "Other", meaning: "Nothing was found to answer with, or somebody put it in line.", colour: 6 },
];

/**
 * The kinds that there are, in their order, and after them whatever else the server counts.
 * @param {Kind[]} kinds
 * @param {Record<string, number>} counts
 * @returns {(Kind & { count: number })[]}
 */
export function counted(kinds, counts) {
  const known = new Set(kinds.map(({ name }) => name));
  const others = Object.keys(counts).filter((name) => !known.has(name)).map((name) => ({ name, label: words(name), meaning: "", colour: 6 }));
  return [...kinds, ...others].map((kind) => ({ ...kind, count: counts[kind.name] ?? 0 }));
}

/**
 * A name of the API as words.
 * @param {string} name
 */
export function words(name) {
  if (name === "none") return "No intent";
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
