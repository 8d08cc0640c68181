/**
 * Files in messages: pictures are drawn, anything else is a button that saves it.
 *
 * Pictures go on a canvas, because many pages' policies forbid images from blobs, and the server wants a token with each request.
 */

import { element } from "./element.js";
import { size, t } from "./words.js";

const LONGEST_EDGE = 480;
const DRAWN = /^image\/(png|jpeg|gif|webp)$/;

/**
 * @param {import("./types").FileRef[]} files
 * @param {{identity: import("./identity.js").Identity, problem: (text: string) => void, grew: () => void}} hooks
 */
export function filesOf(files, { identity, problem, grew }) {
  const box = element("div", "files");
  for (const file of files) {
    const load = async () => (await identity.ask(`/v1/files/${encodeURIComponent(file.id)}`)).blob();
    const open = element("button", "file");
    open.type = "button";
    open.setAttribute("aria-label", t("download", { name: file.name }));
    open.addEventListener("click", () => load().then((blob) => save(blob, file.name), () => problem(t("downloadFailed"))));
    const words = () => open.append(named(file.name, file.bytes));
    if (DRAWN.test(file.type)) {
      const canvas = element("canvas");
      open.classList.add("picture");
      open.append(canvas);
      load()
        .then((blob) => draw(blob, canvas, LONGEST_EDGE))
        .then(grew, () => {
          open.classList.remove("picture");
          canvas.remove();
          words();
        });
    } else words();
    box.append(open);
  }
  return box;
}

/** @param {string} name  @param {number} bytes */
export function named(name, bytes) {
  const words = element("span", "file-name", name);
  words.append(element("small", "", size(bytes)));
  return words;
}

/** @param {Blob} blob  @param {HTMLCanvasElement} canvas  @param {number} longest edge in pixels */
export async function draw(blob, canvas, longest) {
  const picture = await createImageBitmap(blob);
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, picture.width * scale);
  canvas.height = Math.max(1, picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
}

/** Into the customer's downloads. @param {Blob} blob  @param {string} name */
export function save(blob, name) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the file by the next turn of the loop.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
