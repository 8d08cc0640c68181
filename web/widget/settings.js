/**
 * What the company has set for the widget, by `GET /v1/widget`. A server that does not know the route gives none, and the chat works without.
 */

/**
 * @param {string} baseUrl  @param {string|null} websiteToken
 * @returns {Promise<import("./types").Settings>}
 */
export async function settingsOf(baseUrl, websiteToken) {
  const query = websiteToken ? `?website_token=${encodeURIComponent(websiteToken)}` : "";
  try {
    const response = await fetch(`${baseUrl}/v1/widget${query}`);
    if (response.ok) return await response.json();
    if (response.status !== 404) console.error(`Steward: no settings for this page: ${await response.text()}`);
  } catch {
    // Offline: the chat opens with the page's words, and sends when it can.
  }
  return {};
}
