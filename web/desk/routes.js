/**
 * The views of the desk and their addresses. `go` moves to one; every view is reachable by its address.
 *
 * A view is a module whose default export is a custom element. It is given `route` - `{path, pattern, params, query, hash}` - when
 * it is made and whenever the address changes within it. It may have `leave()`: false, or a promise of false, keeps the reader there
 * (unsaved changes). It fires `heading` with the words for the window's title as detail.
 */

/** @typedef {{path: string, pattern: string, params: Record<string, string>, query: URLSearchParams, hash: string}} Route */
/** @typedef {HTMLElement & {route?: Route, leave?: () => boolean|Promise<boolean>}} View */
/** @typedef {{pattern: string, load: () => Promise<any>, admin?: boolean, title: string}} Place */

/** @type {Place[]} */
export const places = [
  { pattern: "/desk", title: "Inbox", load: () => import("./views/inbox.js") },
  { pattern: "/desk/c/:id", title: "Conversation", load: () => import("./views/inbox.js") },
  { pattern: "/desk/search", title: "Search", load: () => import("./views/search.js") },
  { pattern: "/desk/mentions", title: "Mentions", load: () => import("./views/mentions.js") },
  { pattern: "/desk/team", title: "Team", load: () => import("./views/team.js") },
  { pattern: "/desk/sign-in", title: "Sign in", load: () => import("./views/sign-in.js") },
  { pattern: "/desk/outcomes", title: "Outcomes", load: () => import("./views/outcomes.js") },
  { pattern: "/desk/outcomes/conversations", title: "Conversations", load: () => import("./views/outcome-conversations.js") },
  { pattern: "/desk/gaps", title: "Knowledge gaps", load: () => import("./views/gaps.js") },
  { pattern: "/desk/knowledge", title: "Knowledge", load: () => import("./views/knowledge.js") },
  { pattern: "/desk/knowledge/:id", title: "Article", load: () => import("./views/article.js") },
  { pattern: "/desk/settings", title: "Settings", load: () => import("./views/settings.js") },
  { pattern: "/desk/settings/:section", title: "Settings", load: () => import("./views/settings.js") },
  { pattern: "/desk/account", title: "Your account", load: () => import("./views/account.js") },
];

/**
 * @param {URL|Location} url
 * @returns {{place: Place, route: Route}|null}
 */
export function find(url) {
  const path = url.pathname.replace(/\/+$/, "") || "/desk";
  const parts = path.split("/");
  for (const place of places) {
    const wanted = place.pattern.split("/");
    if (wanted.length !== parts.length) continue;
    /** @type {Record<string, string>} */
    const params = {};
    const fits = wanted.every((part, index) => {
      if (!part.startsWith(":")) return part === parts[index];
      params[part.slice(1)] = decode(parts[index]);
      return parts[index] !== "";
    });
    if (fits) return { place, route: { path, pattern: place.pattern, params, query: new URLSearchParams(url.search), hash: url.hash } };
  }
  return null;
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * Moves to an address of the desk.
 * @param {string} to
 * @param {{replace?: boolean}} [options] replace: without an entry in the history
 */
export function go(to, { replace = false } = {}) {
  window.dispatchEvent(new CustomEvent("desk-go", { detail: { to, replace } }));
}
