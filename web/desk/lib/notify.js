/**
 * Desktop notifications: only where somebody switched them on, only while the desk is out of sight, and without the customer's words.
 */

import { toast } from "/design/index.js";
import { preferences, prefer } from "./preferences.js";
import { customerName, percent, reasonWords } from "./words.js";
import { go } from "../routes.js";

const canNotify = () => "Notification" in window && Notification.permission === "granted" && preferences().notify === "on";

/**
 * Somebody came to wait for a person.
 * @param {any} entry
 * @param {string} open the conversation that is open
 */
export function notifyNew(entry, open) {
  const why = entry.escalation_reason && entry.escalation >= 0.35 ? `${percent(entry.escalation)} risk: ${reasonWords(entry.escalation_reason)}` : "waits for a person";
  show(customerName(entry), why, entry.conversation);
  if (entry.conversation !== open && preferences().notify === "unasked" && "Notification" in window && Notification.permission === "default") {
    prefer({ notify: "off" }); // asked once
    toast("Hear of new conversations while the desk is in the background?", { ms: 15_000, action: { label: "Notify me", run: () => void switchOn() } });
  }
}

/** @param {any} note */
export function notifyMention(note) {
  show(`${note.author} mentions you`, note.whisper_to ? "A whisper to you" : "In a private note", note.conversation);
}

/**
 * @param {string} title
 * @param {string} body
 * @param {string} conversation
 */
function show(title, body, conversation) {
  if (!canNotify() || document.visibilityState === "visible") return;
  const note = new Notification(title, { body, tag: conversation, icon: "/desk/icon.svg" });
  note.onclick = () => {
    window.focus();
    go(`/desk/c/${encodeURIComponent(conversation)}`);
    note.close();
  };
}

/** Asks the browser, because somebody asked for it. */
export async function switchOn() {
  if (!("Notification" in window)) {
    toast("This browser has no notifications.", { kind: "bad" });
    return;
  }
  const answer = await Notification.requestPermission();
  prefer({ notify: answer === "granted" ? "on" : "off" });
  if (answer === "granted") toast("You are notified while the desk is in the background.", { kind: "good" });
  else toast("The browser does not allow notifications here; its settings for this site say so.", { kind: "bad" });
}

/** From the person's menu: on if off, off if on. */
export function toggleNotifications() {
  if (!canNotify()) return switchOn();
  prefer({ notify: "off" });
  toast("Notifications are off.");
  return Promise.resolve();
}
