/**
 * Random queries.
 *
 * @module
 */

/** Random numbers that are the same for the same seed. */
export class Random {
  #state: number;

  /** Begins with a seed. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below a bound (mulberry32). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  /** One of some values. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Something that can stand in FROM: its name there, and its columns. */
interface Source {
  name: string;
  columns: readonly string[];
}

const VIEWS: Readonly<Record<string, readonly string[]>> = {
  adults: ["user_id", "locale"],
  spent: ["user_id", "total"],
  noted: ["tag", "total"],
  twice: ["bio"],
};

/** A query of tables and of the views above; SQLite doesn't take each of them. */
export function randomQuery(
  random: Random,
  tables: Readonly<Record<string, readonly string[]>>,
): string {
  const relations = { ...tables, ...VIEWS };
  return query(2);

  function query(depth: number): string {
    const select = random.below(6) === 0
      ? `${plain(depth)} ${random.of(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"])} ${
        plain(depth)
      }`
      : plain(depth);
    if (depth === 0 || random.below(5) > 0) return select;
    const name = random.of(["c1", "users"]);
    const used = random.below(2) === 0;
    return used
      ? `WITH ${name} AS (${query(depth - 1)}) SELECT count(*) FROM ${name}`
      : `WITH ${name} AS (${query(depth - 1)}) ${select}`;
  }

  function plain(depth: number): string {
    const { text, sources } = from(depth);
    const outputs = Array.from({ length: 1 + random.below(2) }, () => output(sources, depth));
    const where = random.below(2) === 0 ? "" : ` WHERE ${condition(sources, depth)}`;
    const group = random.below(5) === 0 ? ` GROUP BY ${column(sources)}` : "";
    const having = group !== "" && random.below(2) === 0
      ? ` HAVING max(${column(sources)}) > ''`
      : "";
    return `SELECT ${outputs.join(", ")} FROM ${text}${where}${group}${having}`;
  }

  function from(depth: number): { text: string; sources: Source[] } {
    const first = source(depth, "a");
    let { text } = first;
    const sources = [first.source];
    const joins = random.below(3);
    for (let at = 0; at < joins; at++) {
      const next = source(depth, "bc"[at]!);
      const shared = next.source.columns.filter((name) =>
        sources.some(({ columns }) => columns.includes(name))
      );
      const kind = random.of(["JOIN", "LEFT JOIN", "CROSS JOIN", "RIGHT JOIN", "FULL JOIN"]);
      switch (random.below(4)) {
        case 0:
          text += ` NATURAL ${kind} ${next.text}`;
          break;
        case 1:
          text += shared.length > 0
            ? ` ${kind} ${next.text} USING (${random.of(shared)})`
            : `, ${next.text}`;
          break;
        case 2:
          text += `, ${next.text}`;
          break;
        default:
          text += ` ${kind} ${next.text} ON ${column([next.source])} = ${column(sources)}`;
      }
      sources.push(next.source);
    }
    return { text, sources };
  }

  function source(depth: number, alias: string): { text: string; source: Source } {
    if (depth > 0 && random.below(5) === 0) {
      const { text, sources } = from(depth - 1);
      const chosen = random.of(sources);
      const names = [random.of(chosen.columns), random.of(chosen.columns)];
      const columns = [...new Set(names)];
      const selected = columns.map((name) => `${chosen.name}.${name}`).join(", ");
      return {
        text: `(SELECT ${selected} FROM ${text}) ${alias}`,
        source: { name: alias, columns },
      };
    }
    const name = random.of(Object.keys(relations));
    return { text: `${name} ${alias}`, source: { name: alias, columns: relations[name]! } };
  }

  function column(sources: readonly Source[]): string {
    const { name, columns } = random.of(sources);
    return `${name}.${random.of(columns)}`;
  }

  function output(sources: readonly Source[], depth: number): string {
    switch (random.below(9)) {
      case 0:
        return "*";
      case 1:
        return "count(*)";
      case 2:
        return "1";
      case 3:
        return `${random.of(sources).name}.*`;
      case 4:
        return `row_number() OVER (ORDER BY ${column(sources)}, ${column(sources)})`;
      case 5:
        return depth > 0 ? `EXISTS (${correlated(sources, depth)})` : column(sources);
      case 6:
        return `coalesce(${column(sources)}, ${random.of(random.of(sources).columns)})`;
      default:
        return column(sources);
    }
  }

  function condition(sources: readonly Source[], depth: number): string {
    switch (random.below(4)) {
      case 0:
        return `${column(sources)} IN (SELECT ${random.of(["user_id", "note", "id"])} FROM ${
          random.of(Object.keys(tables))
        })`;
      case 1:
        return depth > 0 ? `EXISTS (${correlated(sources, depth)})` : "1";
      case 2:
        return `${column(sources)} = ${column(sources)}`;
      default:
        return `${column(sources)} IS NOT NULL`;
    }
  }

  function correlated(sources: readonly Source[], depth: number): string {
    const inner = source(depth - 1, "x");
    return `SELECT 1 FROM ${inner.text} WHERE ${column([inner.source])} = ${column(sources)}`;
  }
}
