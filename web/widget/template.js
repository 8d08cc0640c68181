/**
 * The widget's fixed markup. Nothing that anybody wrote ever passes through here: text goes in by `textContent`.
 */

const icon = (path) =>
  `<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

const CHAT = icon(
  '<path d="M5 4.5h14a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2h-6.2L8 20.8V17H5a2 2 0 0 1-2-2V6.5a2 2 0 0 1 2-2z"/><path d="M8 9.2h8M8 12.5h5"/>',
);
const CLOSE = icon('<path d="M6 6l12 12M18 6L6 18"/>');
const SEND = icon('<path d="M12 19V5.5M6 11.2l6-6 6 6"/>');
const DOWN = icon('<path d="M12 5v13.5M6 13l6 6 6-6"/>');
const SAVE = icon('<path d="M12 4v10.5M7.5 10.5l4.5 4.5 4.5-4.5M5 19.5h14"/>');
const PERSON = icon('<circle cx="12" cy="8" r="3.6"/><path d="M4.8 20c.6-3.9 3.5-6 7.2-6s6.6 2.1 7.2 6"/>');
const AGAIN = icon('<path d="M4.5 12a7.5 7.5 0 1 0 2.3-5.4"/><path d="M4.5 4.5v4h4"/>');

const template = document.createElement("template");
template.innerHTML = `
<button class="launcher" type="button" aria-haspopup="dialog" aria-expanded="false">
  ${CHAT}<span class="badge" hidden></span>
</button>
<section class="panel" role="dialog" aria-labelledby="heading" tabindex="-1" hidden>
  <header>
    <span class="mark">${CHAT}</span>
    <div class="title">
      <h2 id="heading"></h2>
      <p class="presence"></p>
    </div>
    <button class="icon save" type="button" aria-label="Download this conversation" title="Download this conversation" hidden>${SAVE}</button>
    <button class="icon close" type="button" aria-label="Close chat">${CLOSE}</button>
  </header>
  <div class="banner" role="status" hidden><span class="banner-text"></span> <button class="link banner-action" type="button"></button></div>
  <div class="middle">
    <div class="scroller" tabindex="0" role="log" aria-live="off" aria-label="Conversation">
      <p class="greeting"></p>
      <ol class="list"></ol>
      <ul class="suggestions" aria-label="Suggestions"></ul>
    </div>
    <button class="to-end" type="button" aria-label="Go to the latest message" hidden>${DOWN}</button>
  </div>
  <div class="handoff" role="status" hidden>${PERSON}<span class="handoff-text"></span></div>
  <div class="confirm" role="group" aria-labelledby="confirm-text" hidden>
    <p id="confirm-text"></p>
    <button class="solid confirm-yes" type="button">Start new</button>
    <button class="plain confirm-no" type="button">Keep this one</button>
  </div>
  <form class="composer" novalidate>
    <p class="notice" role="alert" hidden></p>
    <div class="field">
      <textarea rows="1" aria-label="Your message" placeholder="Write a message…" enterkeyhint="send" autocomplete="off"></textarea>
      <button class="icon send" type="submit" aria-label="Send" disabled>${SEND}</button>
    </div>
    <p class="counter" hidden></p>
  </form>
  <footer>
    <button class="plain person" type="button">${PERSON}<span>Talk to a person</span></button>
    <button class="plain again" type="button" disabled>${AGAIN}<span>New conversation</span></button>
  </footer>
  <div class="announcer" aria-live="polite"></div>
</section>`;

export function widgetMarkup() {
  return template.content.cloneNode(true);
}
