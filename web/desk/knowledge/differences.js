/**
 * What differs between two texts, line by line: the longest common subsequence decides what stayed.
 */

/** @typedef {{ kind: "same" | "mine" | "theirs", text: string }} Line */

const MOST_LINES = 2000; // the table grows with the square

/**
 * @param {string} mine
 * @param {string} theirs
 * @returns {Line[]}
 */
export function differences(mine, theirs) {
  const [left, right] = [mine.split("\n"), theirs.split("\n")];
  if (left.length > MOST_LINES || right.length > MOST_LINES) {
    return [...left.map((text) => line("mine", text)), ...right.map((text) => line("theirs", text))];
  }
  const width = right.length + 1;
  const common = new Uint16Array((left.length + 1) * width);
  for (let at = left.length - 1; at >= 0; at -= 1) {
    for (let other = right.length - 1; other >= 0; other -= 1) {
      common[at * width + other] = left[at] === right[other]
        ? common[(at + 1) * width + other + 1] + 1
        : Math.max(common[(at + 1) * width + other], common[at * width + other + 1]);
    }
  }
  /** @type {Line[]} */
  const lines = [];
  let [at, other] = [0, 0];
  while (at < left.length && other < right.length) {
    if (left[at] === right[other]) {
      lines.push(line("same", left[at]));
      at += 1;
      other += 1;
    } else if (common[(at + 1) * width + other] >= common[at * width + other + 1]) {
      lines.push(line("mine", left[at]));
      at += 1;
    } else {
      lines.push(line("theirs", right[other]));
      other += 1;
    }
  }
  return [...lines, ...left.slice(at).map((text) => line("mine", text)), ...right.slice(other).map((text) => line("theirs", text))];
}

/**
 * @param {Line["kind"]} kind
 * @param {string} text
 * @returns {Line}
 */
function line(kind, text) {
  return { kind, text };
}
