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

/** Black or white, whichever stands out more on this color (WCAG 2.2: relative luminance). @param {string} accent "#rrggbb" */
export function inkOn(accent) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(accent.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}
