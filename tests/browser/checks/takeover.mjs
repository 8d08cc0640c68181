/** A person joins, writes, leaves and closes; the customer sees who answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WITH_TEAM, agentDoes } from "../lib/agent.mjs";
import { serverOfItsOwn, visit } from "../lib/world.mjs";

test("a person joins, writes, leaves the word to Steward, and ends the conversation", async () => {
  const server = await serverOfItsOwn(WITH_TEAM);
  const chat = await visit({ server });
  await chat.open();
  await chat.part("person").click();
  await chat.part("handoff").waitFor();
  await chat.hasReplies(1);

  const written = "Hello, this is our team. I'm looking into it.";
  await agentDoes(chat, "Ada", [{ type: "take_over" }, { type: "message", id: "a1", text: written }]);
  await chat.part("row.agent").getByText(written).waitFor();
  assert.equal(await chat.part("handoff").isVisible(), false);
  await chat.part("status.joined").waitFor();

  await agentDoes(chat, "Ada", [{ type: "give_back" }]);
  await chat.part("status.left").waitFor();
  await chat.ask("How much is shipping?");
  assert.equal((await chat.replies()).length, 2);

  await agentDoes(chat, "Ada", [{ type: "close" }]);
  await chat.part("status.closed").waitFor();
  const events = (await chat.stored()).filter(({ from }) => from === "event").map(({ text }) => text);
  assert.deepEqual(events, ["handed_off", "agent_joined", "agent_left", "closed"]);
});
