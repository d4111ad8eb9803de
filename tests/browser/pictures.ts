/**
 * The pictures that the docs show, of data that has something to show.
 *
 * @module
 */

import { fact } from "./facts.ts";
import { jobOf } from "./jobs.ts";
import { checkLooks } from "./looks.ts";
import type { Session } from "./session.ts";

/** A folder for the pictures; they are made only where it is set. */
const PICTURES = Deno.env.get("WORKBENCH_PICTURES");

const SCRIPT = `CREATE TABLE users (
  user_id TEXT PRIMARY KEY, email TEXT NOT NULL, locale TEXT NOT NULL, age INTEGER, created_at TEXT NOT NULL
);
CREATE TABLE listens (
  user_id TEXT NOT NULL REFERENCES users(user_id), track TEXT NOT NULL, seconds INTEGER NOT NULL, at TEXT NOT NULL
);
INSERT INTO users
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 479)
  SELECT printf('u-%03d', i + 1),
    lower(substr('AnaBenCleDanEvaFinGilHalInaJanKaiLenMia', 1 + 3 * (i * 7 % 13), 3)) || '.' || (i * 37 % 900 + 100) || '@example.com',
    CASE WHEN i % 9 < 3 THEN 'pt-BR' WHEN i % 9 < 5 THEN 'en-NG' WHEN i % 9 < 6 THEN 'de-DE' WHEN i % 11 < 5 THEN 'ko-KR' ELSE 'fr-FR' END,
    iif(i % 17 = 0, NULL, 18 + (i * i + 13 * i) % 23 + (i * 7) % 19),
    strftime('%Y-%m-%dT%H:%M:%SZ', '2025-01-01', '+' || (i * i % 300) || ' days', '+' || (i * 7919 % 86400) || ' seconds')
  FROM n;
INSERT INTO listens
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 23999)
  SELECT printf('u-%03d', 1 + i * 31 % 480), 'Track ' || (1 + (i % 97) * (i % 89) % 97), 30 + (i % 240) * (i % 7) / 7,
    date('2025-01-01', '+' || (300 * (i % 1000) * (2000 - i % 1000) / 1000000) || ' days')
  FROM n;
CREATE TABLE results AS
SELECT locale, count(*) AS users, round(avg(age), 1) AS mean_age FROM users GROUP BY locale;
`;

const REPORT = jobOf(
  `const rows = [...results.rows()];
    await artifacts.writeCsv("users_by_locale.csv", results.rows());
    await artifacts.writeJson("summary.json", { locales: rows.length });
    log.info(\`Read \${rows.length} locales\`);
    log.warn("17 users have no age");
    log.info("Wrote the table and its summary");`,
  "users-by-locale",
);

/** Takes them, if they are wanted, with the same checks as every view. */
export async function takePictures(session: Session): Promise<void> {
  if (PICTURES === undefined) return;
  const { page } = session;
  const take = async (name: string) => {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    // What is drawn when the data comes has no sign of its end.
    await new Promise((done) => setTimeout(done, 1500));
    await page.screenshot({ path: `${PICTURES}/workbench-${name}.png` as `${string}.png` });
    await checkLooks(page, name);
  };
  await fact("pictures for the docs", async () => {
    Deno.removeSync(session.path("output"), { recursive: true });
    session.save("dummy_data.sql", SCRIPT);
    session.save("main.ts", REPORT);
    await page.goto(session.at("/job"));
    await session.shows("17 users have no age");
    await session.shows("no mistakes");
    await session.shows("users-by-locale");
    await take("job");
    await page.goto(session.at("/data/refiner/users"));
    await take("data");
    await page.goto(session.at("/data/refiner/listens?show=chart&kind=line&x=at&y=seconds&of=sum"));
    await page.waitForSelector(".picture svg");
    await take("chart");
    await page.goto(session.at("/artifacts/users_by_locale.csv"));
    await take("artifacts");
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.goto(session.at("/query"));
    await session.query(
      "SELECT locale, count(*) AS users, round(avg(seconds)) AS mean_seconds FROM listens JOIN users USING (user_id) GROUP BY locale",
    );
    await session.shows("5 rows in");
    await take("query");
  });
}
