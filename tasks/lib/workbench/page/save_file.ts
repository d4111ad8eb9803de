/**
 * Gives the person a file.
 *
 * @module
 */

import { ask } from "./api.ts";

/** Saves bytes under a name. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  follow(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Downloads an artifact from the server, of any size. */
export async function downloadArtifact(name: string): Promise<void> {
  const { url } = await ask<{ url: string }>("pass", { name, use: "download" });
  follow(url, name.split("/").at(-1)!);
}

function follow(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
