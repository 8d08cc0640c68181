/**
 * How the line stands, in words: a line under the heading, and a banner where the customer should know.
 *
 * In: the socket's states. Out: text, and the banner's button, which asks to try again.
 */

const BANNER_AFTER_MS = 1500;

export class Presence {
  #ui;
  #retry;
  #wasOnline = false;
  #timer = 0;

  constructor(ui, retry) {
    this.#ui = ui;
    this.#retry = retry;
  }

  clear() {
    this.#banner(null);
    this.#ui.presence.textContent = "";
  }

  state(name, delayMs) {
    clearTimeout(this.#timer);
    const { banner, presence } = this.#ui;
    const show = {
      connecting: () => (presence.textContent = "Connecting…"),
      online: () => {
        presence.textContent = "Online";
        this.#banner(null);
        this.#wasOnline = true;
      },
      waiting: () => {
        presence.textContent = "Reconnecting…";
        // A blink of the line is nobody's concern; a longer break is.
        const words = this.#wasOnline ? "Connection lost. We're trying to reconnect." : "We can't reach the chat yet. We'll keep trying.";
        const showBanner = () => this.#banner(words, "Try now");
        if (banner.hidden && delayMs < BANNER_AFTER_MS) this.#timer = setTimeout(showBanner, BANNER_AFTER_MS);
        else showBanner();
      },
      offline: () => {
        presence.textContent = "Offline";
        this.#banner("You're offline. Messages are sent when you're back.");
      },
      signed_out: () => {
        presence.textContent = "Signed out";
        this.#banner("Your session has expired. Please sign in again to go on.");
      },
    };
    show[name]?.();
  }

  #banner(text, action = null) {
    clearTimeout(this.#timer);
    this.#ui.banner.hidden = text === null;
    this.#ui["banner-text"].textContent = text ?? "";
    this.#ui["banner-action"].hidden = action === null;
    this.#ui["banner-action"].textContent = action ?? "";
    this.#ui["banner-action"].onclick = this.#retry;
  }
}
