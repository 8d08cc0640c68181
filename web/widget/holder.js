/**
 * Who answers: Steward, nobody yet, or a person. Says so above the composer and in the transcript.
 */

const IN_LINE = "A member of our team will take over.";

export class Holder {
  #ui;
  #transcript;
  #announce;
  #withPerson = false;
  #name = null;

  constructor({ ui, transcript, announce }) {
    this.#ui = ui;
    this.#transcript = transcript;
    this.#announce = announce;
  }

  /** Handed over, or a person has joined: nobody promises an answer within seconds. */
  get withPerson() {
    return this.#withPerson;
  }

  get personName() {
    return this.#name ?? "Team member";
  }

  /** Steward answers, as at the beginning. */
  clear() {
    this.#withPerson = false;
    this.#name = null;
    this.hide();
  }

  hide() {
    this.#ui.handoff.hidden = true;
  }

  /** It waits for a person. */
  inLine() {
    this.#transcript.typing(false);
    if (this.#withPerson && !this.#ui.handoff.hidden) return;
    this.#withPerson = true;
    this.#name = null;
    this.#ui["handoff-text"].textContent = IN_LINE;
    this.#ui.handoff.hidden = false;
    this.#transcript.scrollToEnd();
  }

  /** A stored event that says who answers now; false if it says nothing of that. */
  event({ event, name, seq }) {
    if (event === "handed_off") {
      this.#transcript.dropUnfinished();
      this.inLine();
      return true;
    }
    const known = typeof name === "string" ? name : null;
    const words = {
      agent_joined: `${known ?? "A member of our team"} joined the conversation`,
      agent_left: "Our team has left the conversation. The assistant goes on helping you.",
      nobody_came: "Nobody on our team is free just now. The assistant goes on helping you.",
    }[event];
    if (!words) return false;
    this.clear();
    this.#withPerson = event === "agent_joined";
    this.#name = this.#withPerson ? known : null;
    this.#transcript.dropUnfinished();
    this.#transcript.status(words, event === "agent_joined" ? "joined" : "left", seq);
    this.#announce(words);
    return true;
  }
}
