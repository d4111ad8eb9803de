/**
 * The module that a job's isolate starts with: it joins the job to the SDK.
 *
 * @module
 */

/**
 * Writes the isolate's entry for a job.
 *
 * @param module The job's module: a URL, or a path relative to the entry.
 * @param place The URL of the folder that has the SDK's modules for the isolate.
 * @returns JavaScript source. The environment is made quiet before the job's modules are evaluated.
 */
export function isolateEntry(module: string, place: string = import.meta.url): string {
  const sdk = (name: string) => JSON.stringify(new URL(name, place).href);
  return [
    `import ${sdk("./quiet_environment.ts")};`,
    `import job from ${JSON.stringify(module)};`,
    `import { serveJob } from ${sdk("./isolate.ts")};`,
    "serveJob(job);",
    "",
  ].join("\n");
}

/**
 * The isolate's entry for a job that runs from its source.
 *
 * @param module The URL of the job's module.
 */
export function sourceEntry(module: string): URL {
  const source = new Blob([isolateEntry(module)], { type: "application/javascript" });
  return new URL(URL.createObjectURL(source));
}
