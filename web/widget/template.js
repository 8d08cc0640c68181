/**
 * The widget's fixed markup. Nothing that anybody wrote ever passes through here: text goes in by `textContent`.
 *
 * The first class of an element is its name. data-t and data-l name its words (words.js).
 */

/** @param {string} path */
const icon = (path) =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

const CHAT = icon(
  '<path d="M5 4.5h14a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2h-6.2L8 20.8V17H5a2 2 0 0 1-2-2V6.5a2 2 0 0 1 2-2z"/><path d="M8 9.2h8M8 12.5h5"/>',
);
const CLOSE = icon('<path d="M6 6l12 12M18 6L6 18"/>');
const SEND = icon('<path d="M12 19V5.5M6 11.2l6-6 6 6"/>');
const DOWN = icon('<path d="M12 5v13.5M6 13l6 6 6-6"/>');
const SAVE = icon('<path d="M12 4v10.5M7.5 10.5l4.5 4.5 4.5-4.5M5 19.5h14"/>');
const POP_OUT = icon('<path d="M13 4.5h6.5V11M19 5l-8 8M9 5H6.5a2 2 0 0 0-2 2v10.5a2 2 0 0 0 2 2H17a2 2 0 0 0 2-2V15"/>');
const SOUND = icon('<path d="M6 17h12l-1.4-2.4V10a4.6 4.6 0 0 0-9.2 0v4.6zM10.3 20h3.4"/><path class="mute" d="M4.5 4l15 16"/>');
const CLIP = icon('<path d="M19 11.5l-7.3 7.2a4.3 4.3 0 0 1-6.1-6.1l7.6-7.5a2.9 2.9 0 0 1 4.1 4.1l-7.5 7.5a1.4 1.4 0 0 1-2-2l6.7-6.8"/>');
const PERSON = icon('<circle cx="12" cy="8" r="3.6"/><path d="M4.8 20c.6-3.9 3.5-6 7.2-6s6.6 2.1 7.2 6"/>');
const AGAIN = icon('<path d="M4.5 12a7.5 7.5 0 1 0 2.3-5.4"/><path d="M4.5 4.5v4h4"/>');

const template = document.createElement("template");
template.innerHTML = `
<div class="root" hidden>
<button class="launcher" type="button" aria-haspopup="dialog" aria-expanded="false">${CHAT}<span class="badge" hidden></span></button>
<section class="panel" role="dialog" aria-labelledby="heading" tabindex="-1" hidden>
  <div class="head">
    <span class="mark">${CHAT}</span>
    <div class="title"><h2 class="heading" id="heading"></h2><p class="presence"></p></div>
    <button class="sound icon" type="button" data-l="sound">${SOUND}</button>
    <button class="save icon" type="button" data-l="save" hidden>${SAVE}</button>
    <button class="popout icon" type="button" data-l="popout">${POP_OUT}</button>
    <button class="close icon" type="button" data-l="close">${CLOSE}</button>
  </div>
  <div class="banner" role="status" hidden><span class="banner-text"></span> <button class="banner-action link" type="button" data-t="tryNow"></button></div>
  <p class="away" hidden></p>
  <div class="middle">
    <div class="scroller" tabindex="0" role="log" aria-live="off" data-l="conversation">
      <p class="greeting"></p>
      <ol class="list"></ol>
      <ul class="suggestions" data-l="suggestions"></ul>
    </div>
    <button class="to-end" type="button" data-l="toEnd" hidden>${DOWN}</button>
    <div class="drop" data-t="drop" hidden></div>
  </div>
  <div class="handoff" role="status" hidden>${PERSON}<span class="handoff-text"></span></div>
  <div class="card" hidden></div>
  <div class="confirm" role="group" aria-labelledby="confirm-text" hidden>
    <p class="confirm-text" id="confirm-text"></p>
    <button class="confirm-yes solid" type="button" data-t="startNew"></button>
    <button class="confirm-no outlined" type="button" data-t="keep"></button>
  </div>
  <form class="composer" novalidate>
    <p class="notice" role="alert" hidden></p>
    <ul class="uploads" data-l="files" hidden></ul>
    <div class="field">
      <button class="attach icon" type="button" data-l="attach" hidden>${CLIP}</button>
      <input class="picker" type="file" multiple hidden tabindex="-1">
      <textarea rows="1" data-l="message" enterkeyhint="send" autocomplete="off"></textarea>
      <button class="send icon" type="submit" data-l="send" disabled>${SEND}</button>
    </div>
    <p class="counter" hidden></p>
  </form>
  <div class="foot">
    <button class="person plain" type="button">${PERSON}<span data-t="person"></span></button>
    <button class="again plain" type="button" disabled>${AGAIN}<span data-t="again"></span></button>
  </div>
</section>
<div class="announcer" aria-live="polite"></div>
</div>`;

/** The markup, and its elements by name. */
export function widgetMarkup() {
  const root = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  const parts = /** @type {import("./types").Parts} */ (/** @type {unknown} */ ({ root }));
  for (const part of root.querySelectorAll("[class]")) {
    if (part instanceof HTMLElement) parts[part.classList[0]] ??= part;
  }
  parts.text = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
  return parts;
}
