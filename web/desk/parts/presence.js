/**
 * Tells the server which conversation this window looks at, and whether somebody writes in it, so that colleagues see it.
 */

import { post } from "../api.js";

/** @import { Conversation } from "../lib/conversation.js" */

const EVERY_MS = 15_000;
const LOOK_MS = 1_500;
/** This window, among others of the same person. */
const tab = crypto.randomUUID();

/**
 * @param {Conversation} conversation
 * @param {() => boolean} isWriting
 * @param {AbortSignal} signal ends it
 */
export function startPresence(conversation, isWriting, signal) {
  let said = "";
  let saidAt = 0;
  const say = (/** @type {string|null} */ id, /** @type {"viewing"|"typing"} */ doing) => {
    said = `${id} ${doing}`;
    saidAt = Date.now();
    void post("/v1/desk/presence", { conversation: id, doing, tab }, { keepalive: true }).catch(() => {});
  };
  const look = () => {
    const id = document.visibilityState === "visible" ? conversation.id : null;
    const doing = id !== null && isWriting() ? "typing" : "viewing";
    if (`${id} ${doing}` !== said || (id !== null && Date.now() - saidAt > EVERY_MS)) say(id, doing);
  };
  look();
  const timer = window.setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look, { signal });
  window.addEventListener("pagehide", () => say(null, "viewing"), { signal });
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    say(null, "viewing");
  });
}
