/**
 * The heights of the rows of a long list, most of them guessed: where a row begins, and which row lies at an offset, in
 * logarithmic time (a Fenwick tree: Fenwick, "A new data structure for cumulative frequency tables", 1994).
 */
export class Heights {
  #guess;
  /** @type {number[]} */
  #rows = [];
  /** @type {Float64Array} sums, from 1 */
  #tree = new Float64Array(1);

  /** @param {number} guess height of a row that nobody measured, in pixels */
  constructor(guess) {
    this.#guess = guess;
  }

  get count() {
    return this.#rows.length;
  }

  get total() {
    return this.before(this.#rows.length);
  }

  /** @param {(number|undefined)[]} rows heights in order; undefined for a guess */
  reset(rows) {
    this.#rows = rows.map((height) => height ?? this.#guess);
    const tree = new Float64Array(rows.length + 1);
    for (let at = 1; at < tree.length; at += 1) {
      tree[at] += this.#rows[at - 1];
      const next = at + (at & -at);
      if (next < tree.length) tree[next] += tree[at];
    }
    this.#tree = tree;
  }

  /**
   * @param {number} index
   * @param {number} height
   * @returns {number} by how much the row grew
   */
  set(index, height) {
    const by = height - this.#rows[index];
    if (by === 0) return 0;
    this.#rows[index] = height;
    for (let at = index + 1; at < this.#tree.length; at += at & -at) this.#tree[at] += by;
    return by;
  }

  /** @param {number} index @returns {number} where the row begins */
  before(index) {
    let sum = 0;
    for (let at = Math.min(index, this.#rows.length); at > 0; at -= at & -at) sum += this.#tree[at];
    return sum;
  }

  /** @param {number} offset @returns {number} the row that lies there; the last one beyond the end */
  at(offset) {
    let index = 0;
    let rest = offset;
    let step = 1 << Math.floor(Math.log2(Math.max(1, this.#rows.length)));
    for (; step > 0; step >>= 1) {
      const next = index + step;
      if (next < this.#tree.length && this.#tree[next] <= rest) {
        index = next;
        rest -= this.#tree[next];
      }
    }
    return Math.min(index, Math.max(0, this.#rows.length - 1));
  }
}
