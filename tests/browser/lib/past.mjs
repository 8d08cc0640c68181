/**
 * Conversations for a report: held with the real server by its socket, judged and answered as always, and then moved back in time.
 */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const AGE = fileURLToPath(new URL("age.py", import.meta.url));

/**
 * Holds one conversation for each list of messages, one after the other, from a page of the server's own.
 * @returns {Promise<string[]>} their ids
 */
export async function held(page, url, conversations) {
  await page.goto(url);
  return page.evaluate(async (all) => {
    const hold = async (messages) => {
      const { token } = await (await fetch("/v1/visitors", { method: "POST" })).json();
      const socket = new WebSocket(`ws://${location.host}/v1/chat`, "steward.v1");
      await new Promise((resolve) => (socket.onopen = resolve));
      let conversation = null;
      const answered = (until) => new Promise((resolve, reject) => {
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type === "error") reject(new Error(data));
          if (frame.type === "ready") conversation = frame.conversation;
          if (until(frame)) resolve();
        };
      });
      const ready = answered(({ type }) => type === "ready");
      socket.send(JSON.stringify({ type: "hello", token, conversation: null, after: null }));
      await ready;
      for (const [index, text] of messages.entries()) {
        const reply = answered(({ type }) => type === "reply");
        socket.send(JSON.stringify({ type: "message", id: `m${index}`, text }));
        await reply;
      }
      socket.close();
      return conversation;
    };
    const ids = [];
    for (const messages of all) ids.push(await hold(messages));
    return ids;
  }, conversations);
}

/** Moves conversations back by `days`, with the server stopped meanwhile. */
export async function aged(server, days, conversations) {
  await server.stop();
  execFileSync("python3", [AGE, server.directory, String(days), ...conversations]);
  await server.start();
}
