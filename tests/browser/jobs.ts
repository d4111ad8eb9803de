/**
 * Jobs that the tests save while the workbench watches.
 *
 * @module
 */

/** A job whose `process` has this body. */
export function jobOf(body: string, name = "under-work"): string {
  return `import { defineJob } from "./mod.ts";

export default defineJob({
  name: ${JSON.stringify(name)},
  async process({ results, artifacts, log }) {
    ${body}
  },
});
`;
}

/** Counts users by locale, with a line in the log. */
export const COUNTING = jobOf(
  `const counts = results.query("SELECT locale, count(*) AS users FROM results GROUP BY locale");
    await artifacts.writeCsv("users_by_locale.csv", counts);
    await artifacts.writeText("note.txt", "first");
    log.info(\`Counted \${results.count()} users\`);`,
);

/** As {@linkcode COUNTING}, with more and changed artifacts. */
export function withFrame(beacon: string): string {
  return jobOf(
    `const counts = results.query("SELECT locale, count(*) AS users FROM results GROUP BY locale");
    await artifacts.writeCsv("users_by_locale.csv", counts);
    await artifacts.writeText("note.txt", "second");
    await artifacts.writeText("report.html", ${JSON.stringify(hostilePage(beacon))});
    await artifacts.writeJson("rows.json", [{ a: 1, b: "x" }, { a: 2, b: null }]);
    await artifacts.writeText("dot.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="18" fill="teal"/></svg>');`,
  );
}

/** A page that tries every way out. */
function hostilePage(beacon: string): string {
  return `<!doctype html><meta http-equiv="refresh" content="0;url=${beacon}/refresh">
<style>@import "${beacon}/import.css"; h1 { color: teal; background: url(${beacon}/style.png) }</style>
<link rel="stylesheet" href="${beacon}/link.css"><script src="${beacon}/script.js"></script>
<script>fetch("${beacon}/fetch"); parent.document.title = "taken"</script>
<h1>Report</h1><img src="${beacon}/image.png" onerror="parent.hacked = 1">
<iframe src="${beacon}/frame"></iframe><a id="out" href="${beacon}/link">out</a>`;
}
