/**
 * The line between a page and the real server, held so that it can be cut where a check wants it.
 *
 * Every frame passes unchanged; only whether and how far it passes is decided here.
 */

/**
 * @param {import("playwright-core").BrowserContext} context
 * @param {(frame: object, line: {cut: () => void}) => boolean} passes asked about each frame of the server, until
 *   the line was cut once; false holds the frame back
 */
export async function holdLine(context, passes) {
  let wasCut = false;
  await context.routeWebSocket(/\/v1\/chat$/, (route) => {
    const server = route.connectToServer();
    const cut = () => {
      wasCut = true;
      route.close({ code: 3000 });
      server.close({ code: 3000 });
    };
    server.onMessage((data) => {
      if (wasCut || passes(JSON.parse(data), { cut })) route.send(data);
    });
  });
}
