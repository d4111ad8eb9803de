/**
 * Saves a chart as a file.
 *
 * @module
 */

import { saveFile } from "./save_file.ts";

/** Pixels of the picture for each of the chart's own. */
const SCALE = 2;

/** Saves the chart in an element, with the colours that it has on the page. */
export async function saveChart(
  element: HTMLElement,
  format: "svg" | "png",
  title: string,
): Promise<void> {
  const chart = element.querySelector("svg");
  if (chart === null) return;
  const name = `${title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")}.${format}`;
  const svg = textOf(chart);
  const blob = new Blob([svg], { type: "image/svg+xml" });
  saveFile(format === "svg" ? blob : await painted(blob, chart), name);
}

function textOf(chart: SVGSVGElement): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const styles = getComputedStyle(chart);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "system-ui, sans-serif");
  copy.setAttribute("style", `color: ${styles.color}; background: ${background()}`);
  copy.removeAttribute("aria-hidden");
  for (const style of copy.querySelectorAll("style")) style.removeAttribute("nonce");
  return new XMLSerializer().serializeToString(copy)
    .replaceAll("var(--accent)", styles.getPropertyValue("--accent").trim())
    .replaceAll("var(--plot-background)", background());
}

function background(): string {
  return getComputedStyle(document.body).backgroundColor;
}

async function painted(svg: Blob, { clientWidth, clientHeight }: SVGSVGElement): Promise<Blob> {
  const url = URL.createObjectURL(svg);
  try {
    const image = new Image(clientWidth, clientHeight);
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = clientWidth * SCALE;
    canvas.height = clientHeight * SCALE;
    const context = canvas.getContext("2d")!;
    context.fillStyle = background();
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob((blob) => done(blob!), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}
