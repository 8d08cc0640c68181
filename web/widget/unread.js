/**
 * What came while nobody looked: the badge on the launcher, the page's title, a sound for who wants one.
 */

import { number, t } from "./words.js";

const SOUND = "steward:sound";
const RING_EVERY_MS = 2000;

export class Unread {
  #ui;
  #count = 0;
  #title = ""; // of the page, while ours stands there
  /** @type {AudioContext|null} */
  #audio = null;
  #rungAt = 0;
  titleNotice = true;
  /** Whether there is sound until the customer says otherwise. */
  soundDefault = false;

  /** @param {import("./types").Parts} ui */
  constructor(ui) {
    this.#ui = ui;
    ui.sound.addEventListener("click", () => {
      const on = !this.#sounds;
      try {
        localStorage.setItem(SOUND, String(on));
      } catch {
        this.soundDefault = on; // without storage, until the page goes
      }
      this.show();
      if (on) this.#ring();
    });
  }

  get #sounds() {
    let said = null;
    try {
      said = localStorage.getItem(SOUND);
    } catch {
      // A private window.
    }
    return said === null ? this.soundDefault : said === "true";
  }

  add() {
    this.#count += 1;
    this.show();
    if (this.#sounds) this.#ring();
    if (!document.hidden || !this.titleNotice) return;
    this.#title ||= document.title;
    document.title = `(${number(this.#count)}) ${t("newMessage")}`;
  }

  clear() {
    this.#count = 0;
    if (this.#title) document.title = this.#title;
    this.#title = "";
    this.show();
  }

  show() {
    const { badge, launcher, heading, sound } = this.#ui;
    badge.hidden = this.#count === 0;
    badge.textContent = this.#count > 9 ? `${number(9)}+` : number(this.#count);
    const unread = this.#count === 0 ? "" : `, ${t("unread", { n: number(this.#count) })}`;
    launcher.setAttribute("aria-label", `${heading.textContent}: ${t("open")}${unread}`);
    sound.setAttribute("aria-pressed", String(this.#sounds));
  }

  /** Two soft notes, made here: nothing to fetch, nothing that a policy forbids. */
  #ring() {
    if (Date.now() - this.#rungAt < RING_EVERY_MS) return;
    this.#rungAt = Date.now();
    this.#audio ??= new AudioContext();
    const { currentTime: now, destination } = this.#audio;
    for (const [hertz, at] of [[660, 0], [880, 0.12]]) {
      const tone = this.#audio.createOscillator();
      const volume = this.#audio.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.08, now + at);
      volume.gain.exponentialRampToValueAtTime(0.001, now + at + 0.25);
      tone.connect(volume).connect(destination);
      tone.start(now + at);
      tone.stop(now + at + 0.25);
    }
  }
}
