/**
 * The chat in a window of its own. In: what the page that opened it wrote behind the # (steward-chat.js, `popout`).
 *
 * It is taken out of the address at once: a token stands in it, and addresses are copied and remembered.
 */

import "./steward-chat.js";

const KEY = "steward:window"; // a reload of the window finds it here
const SAID = ["website-token", "heading", "greeting", "locale", "color-scheme"];

/** @returns {Record<string, string|null>} */
function said() {
  try {
    if (location.hash) sessionStorage.setItem(KEY, decodeURIComponent(location.hash.slice(1)));
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  } finally {
    history.replaceState(null, "", location.pathname);
  }
}

const options = said();
const chat = /** @type {import("./steward-chat.js").StewardChat} */ (document.createElement("steward-chat"));
for (const name of SAID) if (options[name]) chat.setAttribute(name, options[name]);
if (options.locale) document.documentElement.lang = options.locale;
if (options.heading) document.title = options.heading;
chat.setAttribute("bubble", "none");
chat.open = true;
chat.token = options.token ?? null;
chat.conversation = options.conversation ?? null;
document.body.append(chat);
