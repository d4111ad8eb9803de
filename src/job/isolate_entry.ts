/**
 * The module that a job's isolate starts with: it joins the job to the SDK.
 *
 * @module
 */

/**
 * Writes the isolate's entry for a job that is bundled. The job's modules are evaluated when it is
 * loaded, so what they throw is caught and shown like any other failure of the job.
 *
 * @param module The job's module: a URL, or a path relative to the entry. It is a part of the program's
 * source map by its length.
 * @returns JavaScript source. The environment is made quiet before the job's modules are evaluated.
 */
export function bundleEntry(module: string): string {
  return isolateEntry([], `async () => (await import(${JSON.stringify(module)})).default`);
}

function isolateEntry(imports: string[], load: string): string {
  const sdk = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  return [
    `import ${sdk("./quiet_environment.ts")};`,
    ...imports,
    `import { serveJob } from ${sdk("./isolate.ts")};`,
    `serveJob(${load});`,
    "",
  ].join("\n");
}

/**
 * The isolate's entry for a job that runs from its source. The job is imported statically: an isolate may
 * not read its file, as a dynamic import does.
 *
 * @param module The URL of the job's module.
 */
export function sourceEntry(module: string): URL {
  const entry = isolateEntry([`import job from ${JSON.stringify(module)};`], "() => job");
  const source = new Blob([entry], { type: "application/javascript" });
  return new URL(URL.createObjectURL(source));
}
