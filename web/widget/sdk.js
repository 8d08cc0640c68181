/**
 * The chat by one script tag, for pages that are not modules. All options: docs/widget.md.
 *
 *   <script src="https://chat.example.com/widget/sdk.js" data-website-token="…" async></script>
 *
 * or, with `window.stewardSettings` for what does not go with the tag: `StewardSDK.run({ websiteToken, baseUrl })`.
 * Globals: `stewardSettings`, which the page may set, and `StewardSDK`. Cookies: none.
 */
(() => {
  if ("StewardSDK" in window) return;
  const tag = /** @type {HTMLScriptElement|null} */ (document.currentScript);
  const attributes = {
    websiteToken: "website-token", baseUrl: "base-url", token: "token", locale: "locale", colorScheme: "color-scheme", position: "position", heading: "heading", greeting: "greeting",
  };
  /** @type {import("./steward-chat.js").StewardChat|null} */
  let chat = null;

  /** @param {string} name  @param {unknown} value  undefined: as it is; null: as if it had never been said */
  function set(name, value) {
    if (value === undefined) return;
    if (value === null || value === false) chat?.removeAttribute(name);
    else chat?.setAttribute(name, value === true ? "" : String(value));
  }

  /** Once the element works, which may be later. @param {(chat: import("./steward-chat.js").StewardChat) => void} act */
  async function then(act) {
    await customElements.whenDefined("steward-chat");
    if (chat) act(chat);
    else console.error("Steward: call StewardSDK.run first");
  }

  /** The module with the page's nonce, so that a strict policy lets it and what it imports in. */
  function load(/** @type {string} */ baseUrl) {
    if (customElements.get("steward-chat") || document.querySelector("script[data-steward]")) return;
    const module = document.createElement("script");
    module.type = "module";
    module.src = `${baseUrl}/widget/steward-chat.js`;
    module.nonce = tag?.nonce ?? "";
    module.dataset.steward = "";
    document.head.append(module);
  }

  function run(/** @type {import("./types").SdkSettings} */ given = {}) {
    /** @type {import("./types").SdkSettings} */
    const settings = { ...Reflect.get(window, "stewardSettings"), ...given };
    const baseUrl = (settings.baseUrl ?? new URL("..", tag?.src ?? location.href).href).replace(/\/+$/, "");
    const isNew = chat === null;
    chat ??= /** @type {import("./steward-chat.js").StewardChat} */ (document.createElement("steward-chat"));
    for (const [name, attribute] of Object.entries(attributes)) set(attribute, Reflect.get({ ...settings, baseUrl }, name));
    if (settings.suggestions) set("suggestions", JSON.stringify(settings.suggestions));
    if (settings.sound !== undefined) set("sound", settings.sound ? "on" : "off");
    if (settings.titleNotice !== undefined) set("title-notice", settings.titleNotice ? "on" : "off");
    if (settings.hideBubble !== undefined) set("bubble", settings.hideBubble && "hidden");
    set("open", settings.open);
    load(baseUrl);
    if (!isNew) return;
    const show = () => chat && document.body.append(chat);
    if (document.body) show();
    else addEventListener("DOMContentLoaded", show);
  }

  Reflect.set(window, "StewardSDK", Object.freeze({
    run,
    /** `token` proves who it is; anything else is shown to the team as unverified. */
    setUser(/** @type {string|import("./types").Attributes & {token?: string}} */ first, /** @type {object} */ second = {}) {
      const user = typeof first === "string" ? { custom: { identifier: first }, ...second } : first;
      const { token, name, email, custom } = /** @type {import("./types").Attributes & {token?: string}} */ (user);
      then((chat) => {
        if (token !== undefined) chat.token = token;
        if (name || email || custom) chat.tell({ ...(name && { name }), ...(email && { email }), ...(custom && { custom }) });
      });
    },
    setCustomAttributes(/** @type {Record<string, string|number|boolean>} */ custom) {
      then((chat) => chat.tell({ custom }));
    },
    setLocale: (/** @type {string} */ locale) => then(() => set("locale", locale)),
    setColorScheme: (/** @type {string} */ scheme) => then(() => set("color-scheme", scheme)),
    toggle: (/** @type {"open"|"close"|undefined} */ state) => then((chat) => chat.toggle(state && state === "open")),
    toggleBubbleVisibility(/** @type {"show"|"hide"|undefined} */ state) {
      then((chat) => set("bubble", (state ? state === "hide" : !chat.hasAttribute("bubble")) && "hidden"));
    },
    popoutChatWindow: () => then((chat) => chat.popout()),
    reset: () => then((chat) => chat.reset()),
  }));

  const { websiteToken } = Reflect.get(window, "stewardSettings") ?? {};
  if (tag && (tag.dataset.websiteToken !== undefined || websiteToken !== undefined)) run({ ...tag.dataset });
})();
