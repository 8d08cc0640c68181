/**
 * Somebody's own site: a page on another origin than the server's, under a policy as strict as such sites have.
 *
 * What it lets in is what docs/widget.md asks for, and no more: the script by its nonce, and connections to the server.
 */

import { createServer } from "node:http";

const NONCE = "bm9uY2Ugb2YgdGhlIHBhZ2U";

/** @typedef {{url: string, nonce: string, show: (page: {server: string, head?: string, body?: string, lang?: string, dir?: string}) => void, close: () => Promise<void>}} Site */

/** @returns {Promise<Site>} its pages are what was last given to `show` */
export async function siteOfItsOwn() {
  let page = { server: "", head: "", body: "", lang: "en", dir: "ltr" };
  const server = createServer((request, response) => {
    if (request.url !== "/") return void response.writeHead(204).end();
    const socket = page.server.replace(/^http/, "ws");
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${NONCE}'`,
      `style-src 'nonce-${NONCE}'`,
      `connect-src ${page.server} ${socket}`,
      "base-uri 'none'",
      "form-action 'none'",
    ];
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy.join("; ") });
    response.end(`<!doctype html><html lang="${page.lang}" dir="${page.dir}"><head><meta charset="utf-8"><title>A site</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <style nonce="${NONCE}">body { margin: 0; font: 16px sans-serif } main { max-width: 60ch; margin: auto }</style>
      ${page.head}</head><body><main><h1>A site</h1><p>${"Some words of the site. ".repeat(40)}</p></main>${page.body}</body></html>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the site has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    nonce: NONCE,
    show: (given) => (page = { head: "", body: "", lang: "en", dir: "ltr", ...given }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(() => resolve(undefined)));
    },
  };
}

/** The tag that docs/widget.md names. @param {string} server  @param {string} more attributes */
export function tagOf(server, more = 'data-website-token=""') {
  return `<script src="${server}/widget/sdk.js" nonce="${NONCE}" ${more} async></script>`;
}
