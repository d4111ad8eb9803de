// A bar chart of users by locale as SVG, for a report or a web page; it needs no library.
//
// Text from the data goes into markup here, so it is escaped: a locale of `<script>` is drawn as those
// characters and runs nothing. Control characters, which XML can't hold, are left out. Long labels are cut, and
// only the largest bars are drawn, so the picture stays small whatever the data is.
//
// Small groups give people away in a chart as in a table; see large_groups.ts.
//
// Try it: deno task dev --entry examples/chart_as_svg.ts
import { defineJob } from "../mod.ts";

const BARS = 20;
const LABEL_LENGTH = 16;
const [LABELS, LONGEST, LINE] = [140, 400, 24];

/** Text as it stands in XML, between tags. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export default defineJob({
  name: "chart-as-svg",
  async process({ results, artifacts }) {
    const counts = [...results.query<{ locale: string | null; users: number }>(
      `SELECT CAST(locale AS TEXT) AS locale, count(*) AS users FROM results
       GROUP BY 1 ORDER BY users DESC, 1 NULLS LAST LIMIT ?`,
      { params: [BARS] },
    )];
    const largest = counts[0]?.users ?? 1;
    const bars = counts.map(({ locale, users }, index) => {
      const y = (index + 1) * LINE;
      const width = Math.round(users / largest * LONGEST);
      const label = [...locale ?? "none"].slice(0, LABEL_LENGTH).join("");
      return `<text x="${LABELS - 8}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>
<rect x="${LABELS}" y="${y}" width="${width}" height="${LINE - 4}" fill="#2f6f5e"/>
<text x="${LABELS + width + 8}" y="${y + 15}">${users}</text>`;
    });
    const size = `${LABELS + LONGEST + 80} ${(counts.length + 2) * LINE}`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" role="img"
  font-family="sans-serif" font-size="13">
<title>Users by locale</title>
${bars.join("\n")}
</svg>
`;
    await artifacts.writeText("users_by_locale.svg", svg);
  },
});
