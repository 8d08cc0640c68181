/** Writing: too long, too fast, refused; nothing that was written is lost or cut. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, visit } from "../lib/world.mjs";

const LONGEST_MESSAGE = 4000;

test("an over-long message cannot be sent, is not cut, and its surplus is counted", async () => {
  const chat = await visit();
  await chat.open();
  const tooLong = "😀".repeat(LONGEST_MESSAGE + 1);
  await chat.say(tooLong);
  assert.equal(await chat.field.inputValue(), tooLong);
  assert(await chat.part("send").isDisabled());
  assert.match(await chat.part("counter").textContent(), /1 too many/);
  assert.deepEqual(await chat.said(), []);
  const justFits = "y".repeat(LONGEST_MESSAGE);
  await chat.ask(justFits);
  assert.deepEqual(await chat.said(), [justFits]);
});

test("a message that the server refuses can be edited and sent again", async () => {
  const server = await serverOfItsOwn({ SERVER_MAX_MESSAGE_CHARS: 40 });
  const chat = await visit({ server });
  await chat.open();
  const refused = "How much is shipping to a place that is far away?";
  await chat.say(refused);
  await chat.inState("refused", 1);
  await chat.widget.getByText("Edit and send again").click();
  assert.equal(await chat.field.inputValue(), refused);
  assert.deepEqual(await chat.said(), []);
  await chat.ask("How much is shipping?");
  assert.deepEqual(await chat.said(), ["How much is shipping?"]);
});

test("a rate limit is said, and the message goes out by itself", async () => {
  const server = await serverOfItsOwn({ LIMITS_MESSAGES_PER_MINUTE: 12, LIMITS_WAITING_MESSAGES: 100 });
  const chat = await visit({ server });
  await chat.open();
  await chat.isOnline();
  let messages = 0;
  while (!(await chat.part("notice").isVisible())) {
    messages += 1;
    assert(messages <= 60, "no limit was met");
    await chat.say(`Hello for the ${messages}. time`);
    await until(async () => (await chat.widget.locator('[data-state="sending"]').count()) === 0, "the server has decided");
  }
  assert.match(await chat.part("notice").textContent(), /in a moment.*\d s/);
  await chat.inState("delivered", messages);
  await until(async () => !(await chat.part("notice").isVisible()), "the notice is gone");
  assert.equal((await chat.said()).length, messages);
});

test("a new conversation asks first, then starts empty", async () => {
  const chat = await visit();
  await chat.open();
  await chat.ask("How much is shipping?");
  await chat.part("again").click();
  await chat.part("confirm-no").click();
  assert.equal((await chat.said()).length, 1);
  await chat.part("again").click();
  await chat.part("confirm-yes").click();
  await until(async () => (await chat.said()).length === 0, "the transcript is empty");
  await chat.part("suggestions").getByRole("button").first().waitFor();
  await chat.ask("How do gift cards work?");
  assert.deepEqual(await chat.said(), ["How do gift cards work?"]);
});
