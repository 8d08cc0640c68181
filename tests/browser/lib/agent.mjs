/** A person of the company at a conversation: a token that the site signed, and the socket, opened in a page of its own. */

import { createHmac } from "node:crypto";
import { until } from "./until.mjs";

const KEY = "company";
const SECRET = "a secret that only the team's own sign-in knows";

/** Settings of a server that knows the team. */
export const WITH_TEAM = { IDENTITY_SECRETS: `${KEY}=${SECRET}` };

/** @param {string} name  @param {string} role */
export function token(name, role = "agent") {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { role, sub: name, exp: Math.floor(Date.now() / 1000) + 3600 };
  const body = `${part({ alg: "HS256", typ: "JWT", kid: KEY })}.${part(claims)}`;
  return `${body}.${createHmac("sha256", SECRET).update(body).digest("base64url")}`;
}

/** Frames that `name` sends to the conversation of `chat`, in order, each after the one before was answered. */
export async function agentDoes(chat, name, frames) {
  const { conversation } = await chat.remembered("session");
  await chat.page.evaluate(
    async ({ token, conversation, frames }) => {
      const socket = new WebSocket(`ws://${location.host}/v1/chat`, "steward.v1");
      const answers = ["ack", "holding", "error"];
      const answered = (wanted) =>
        new Promise((resolve, reject) => {
          socket.onmessage = ({ data }) => {
            const frame = JSON.parse(data);
            if (frame.type === "error") reject(new Error(data));
            else if (wanted.includes(frame.type)) resolve();
          };
          socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`));
        });
      await new Promise((resolve) => (socket.onopen = resolve));
      const ready = answered(["holding"]);
      socket.send(JSON.stringify({ type: "hello", token, conversation, after: Number.MAX_SAFE_INTEGER }));
      await ready;
      for (const frame of frames) {
        const done = answered(answers);
        socket.send(JSON.stringify(frame));
        await done;
      }
      socket.onclose = null;
      socket.close();
    },
    { token: token(name), conversation, frames },
  );
}

/** `name` stays at the conversation of `chat`: what they send, and what came to them so far. */
export async function agentStays(chat, name) {
  const { conversation } = await chat.remembered("session");
  const socket = await chat.page.evaluateHandle(
    async ({ token, conversation }) => {
      const line = { socket: new WebSocket(`ws://${location.host}/v1/chat`, "steward.v1"), frames: [] };
      line.socket.onmessage = ({ data }) => line.frames.push(JSON.parse(data));
      await new Promise((resolve) => (line.socket.onopen = resolve));
      line.socket.send(JSON.stringify({ type: "hello", token, conversation, after: Number.MAX_SAFE_INTEGER }));
      return line;
    },
    { token: token(name), conversation },
  );
  const frames = () => socket.evaluate((line) => line.frames);
  await until(async () => (await frames()).some(({ type }) => type === "holding"), `${name} is at the conversation`);
  return { frames, send: (frame) => socket.evaluate((line, frame) => line.socket.send(JSON.stringify(frame)), frame) };
}
