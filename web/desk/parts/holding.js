/**
 * Taking a conversation and letting it go, with what can stand in the way explained: a colleague has it, it is over, somebody was faster.
 */

import { ask, toast } from "/design/index.js";
import { ApiError } from "../api.js";

/** @import { Conversation } from "../lib/conversation.js" */

const DONE = { take_over: "You have the conversation.", give_back: "Steward answers again.", requeue: "It is back in line.", close: "Closed." };

/**
 * @param {Conversation} conversation
 * @param {"take_over"|"give_back"|"requeue"|"close"} type
 * @returns {Promise<boolean>} whether it was done
 */
export async function holdingQuestion(conversation, type) {
  const { holding, isMine } = conversation;
  const other = holding.state === "agent" && !isMine ? holding.assignee : null;
  let fromAnother = false;
  if (type === "take_over" && other) {
    fromAnother = await ask({ heading: `${other} has this conversation`, text: `${other} answers the customer now. If you take it over, what ${other} is writing is not sent, and ${other} sees that you have it.`, confirm: `Take it from ${other}` });
    if (!fromAnother) return false;
  }
  if (type === "close" && !isMine) {
    const text = other ? `${other} answers the customer now. Closing ends it for both.` : "The customer can begin a new conversation, and is asked how it was.";
    if (!(await ask({ heading: "Close the conversation?", text, confirm: "Close it", danger: true }))) return false;
  }
  try {
    await conversation.hold(type, { fromAnother });
  } catch (problem) {
    return explain(conversation, type, problem);
  }
  toast(DONE[type], { kind: "good" });
  return true;
}

/**
 * @param {Conversation} conversation
 * @param {"take_over"|"give_back"|"requeue"|"close"} type
 * @param {unknown} problem
 * @returns {Promise<boolean>}
 */
async function explain(conversation, type, problem) {
  if (!(problem instanceof ApiError)) throw problem;
  if (problem.status === 409 && type === "take_over" && conversation.holding.state !== "closed") {
    // Somebody was faster: the entry that says who comes over the socket; the message says it too.
    const takes = await ask({ heading: "Somebody was faster", text: `${problem.message} You can take it over, or leave it to them.`, confirm: "Take it over" });
    if (!takes) return false;
    await conversation.hold("take_over", { fromAnother: true });
    toast(DONE.take_over, { kind: "good" });
    return true;
  }
  toast(problem.status === 409 ? `That cannot be done now: ${problem.message}` : problem.message, { kind: "bad" });
  return false;
}
