/**
 * Remembers how a reply grew, so that a check of it does not depend on looking at the right instant.
 */

/** Begin to watch; `seen()` gives every length that the newest reply had, and whether typing dots were there. */
export async function watchGrowth(chat) {
  const record = await chat.part("list").evaluateHandle((list) => {
    const seen = { lengths: [], sawDots: false };
    const look = () => {
      seen.sawDots ||= list.querySelector(".dots") !== null;
      const bubble = [...list.querySelectorAll(".row.steward:not(.typing) .bubble")].at(-1);
      if (bubble) seen.lengths.push(bubble.textContent.length);
    };
    new MutationObserver(look).observe(list, { childList: true, subtree: true, characterData: true });
    return seen;
  });
  return { seen: () => record.jsonValue() };
}
