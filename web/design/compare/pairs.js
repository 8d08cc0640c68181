/** What is compared: two replies to one case, by different writers and in an order that says nothing, and what people chose. */

/** @typedef {{writer: string, set: string, question: string, facts: string[], reply: string}} Reply */
/** @typedef {{question: string, facts: string[], set: string, left: Reply, right: Reply}} Pair */
/** @typedef {"left"|"right"|"both"|"neither"} Choice */
/** @typedef {{writer: string, against: string, wins: number, losses: number, ties: number}} Score */

/**
 * The replies of a file of JSON lines, one for each writer and case.
 * @param {string} text
 * @returns {Reply[]}
 */
export function repliesIn(text) {
  return text.split("\n").filter((line) => line.trim() !== "").map((line, at) => {
    let reply;
    try {
      reply = JSON.parse(line);
    } catch {
      throw new Error(`Line ${at + 1} is not JSON. The file comes from "steward eval replies --json".`);
    }
    if (typeof reply?.writer !== "string" || typeof reply.question !== "string" || typeof reply.reply !== "string" || !Array.isArray(reply.facts)) {
      throw new Error(`Line ${at + 1} has no writer, question, facts and reply. The file comes from "steward eval replies --json".`);
    }
    return reply;
  });
}

/**
 * A pair of each case whose replies differ: two writers by chance, left and right by chance, the cases in an order by chance.
 * @param {Reply[]} replies
 * @param {() => number} chance 0 to 1
 * @returns {Pair[]}
 */
export function pairsOf(replies, chance = Math.random) {
  /** @type {Map<string, Reply[]>} */
  const cases = new Map();
  for (const reply of replies) {
    const key = JSON.stringify([reply.set, reply.question, reply.facts]);
    const known = cases.get(key) ?? [];
    if (known.every(({ writer, reply: text }) => writer !== reply.writer && text !== reply.reply)) cases.set(key, [...known, reply]);
  }
  const pairs = [...cases.values()].filter((of) => of.length > 1).map((of) => {
    const [left, right] = shuffled(of, chance);
    return { question: left.question, facts: left.facts, set: left.set, left, right };
  });
  return shuffled(pairs, chance);
}

/**
 * @template T
 * @param {T[]} items
 * @param {() => number} chance
 * @returns {T[]}
 */
function shuffled(items, chance) {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(chance() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
  }
  return mixed;
}

/**
 * How each writer did against each other one.
 * @param {{pair: Pair, choice: Choice}[]} votes
 * @returns {Score[]}
 */
export function scores(votes) {
  /** @type {Map<string, Score>} */
  const found = new Map();
  for (const { pair, choice } of votes) {
    const [first, second] = [pair.left.writer, pair.right.writer].sort();
    const key = `${first} ${second}`;
    const score = found.get(key) ?? { writer: first, against: second, wins: 0, losses: 0, ties: 0 };
    if (choice === "both" || choice === "neither") score.ties += 1;
    else if (pair[choice].writer === first) score.wins += 1;
    else score.losses += 1;
    found.set(key, score);
  }
  return [...found.values()].sort((one, other) => one.writer.localeCompare(other.writer) || one.against.localeCompare(other.against));
}
