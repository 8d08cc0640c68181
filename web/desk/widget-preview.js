/**
 * The preview of the widget's appearance: the real widget on an empty page, with settings that are not saved yet.
 *
 * The widget asks the server for its settings, and only that question is answered here: with what is in force, and over it the draft that
 * the desk sends by `postMessage`. Nobody can write in it.
 */

/** @typedef {{ settings: Record<string, any>, open: boolean, scheme: string }} Draft */

/** @type {Draft} */
let draft = { settings: {}, open: true, scheme: "auto" };
const ask = window.fetch.bind(window);

window.fetch = async (resource, options) => {
  const response = await ask(resource, options);
  const address = new URL(resource instanceof Request ? resource.url : String(resource), location.href);
  if (address.pathname !== "/v1/widget" || !response.ok) return response;
  const { hours, files, ...rest } = draft.settings;
  const inForce = await response.json();
  return Response.json({ ...inForce, ...rest, hours: { ...inForce.hours, ...hours }, files: { ...inForce.files, ...files } });
};

window.addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.source !== window.parent) return;
  draft = event.data;
  if (draft.scheme === "auto") delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = draft.scheme;
  show();
});

function show() {
  const chat = document.createElement("steward-chat");
  chat.setAttribute("base-url", location.origin);
  chat.inert = true;
  if (draft.open) chat.setAttribute("open", "");
  document.querySelector("steward-chat")?.remove();
  document.body.append(chat);
}

// Only now: the widget's own questions are to come after the one that is answered here.
await import("/widget/steward-chat.js");
window.parent.postMessage("ready", location.origin);

export {};
