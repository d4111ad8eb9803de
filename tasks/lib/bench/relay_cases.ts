/**
 * The relay from its start to its exit.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { Case, CaseContext, Row } from "./case.ts";
import { FileEngine, type FileEngineOptions } from "./file_engine.ts";
import { alternate, type Side, summarize, type Summary } from "./measure.ts";
import { BenchMounts } from "./mounts.ts";
import { peakMemory } from "./peak_memory.ts";
import { GB } from "./workshop.ts";

const MIB = 1 << 20;
const SMALL = MIB;
const PYTHON = "Python worker";

/** Cases of the relay, with and without a Query Engine. */
export const RELAY_CASES: readonly Case[] = [
  {
    name: "dev-small",
    needs: ["python3", "requests"],
    bytes: SMALL,
    runs: 15,
    async measure(context) {
      const { workshop } = context;
      const database = await workshop.smallDatabase();
      const relay = await devSide(context, database);
      const mounts = new BenchMounts(workshop.join("python"), dirname(database));
      const python = copying({
        name: PYTHON,
        mounts,
        database,
        commands: [await workshop.pythonCommand("python_worker", { env: mounts.devEnv() })],
      });
      return [
        await compare(context, relay, python, {
          what: "dev relay of ten rows, start to exit",
          atMost: 0.3,
        }),
      ];
    },
  },
  {
    name: "dev-1gb",
    needs: [],
    bytes: 2 * GB,
    runs: 7,
    async measure(context) {
      const { workshop } = context;
      const database = await workshop.largeDatabase(GB);
      const mounts = new BenchMounts(workshop.join("cp"));
      const cp = copying({
        name: "`cp`",
        mounts,
        database,
        commands: [{ program: "cp", args: [database, mounts.relayed] }],
      });
      return [
        await compare(context, await devSide(context, database), cp, {
          what: "dev relay of 1 GB",
          atMost: 1.15,
        }),
      ];
    },
  },
  {
    name: "production-curl",
    needs: ["curl"],
    bytes: 3 * GB,
    runs: 7,
    async measure(context) {
      const { workshop } = context;
      const database = await workshop.largeDatabase(GB);
      await using engine = await FileEngine.start({ file: database });
      const mounts = new BenchMounts(workshop.join("curl"));
      const received = `${mounts.input}/received.db`;
      const curl = copying({
        name: "`curl -o` then `cp`",
        mounts,
        database,
        commands: [
          { program: "curl", args: ["-sSf", "-o", received, engine.resultsUrl] },
          { program: "cp", args: [received, mounts.relayed] },
        ],
      });
      return [
        await compare(context, await productionSide(context, database, engine), curl, {
          what: "production relay of 1 GB over loopback",
          atMost: 0.8,
        }),
      ];
    },
  },
  {
    name: "production-python",
    needs: ["python3", "requests"],
    bytes: 3 * GB,
    runs: 5,
    measure: (context) =>
      compareProduction(context, { bytes: GB }, {
        what: "production relay of 1 GB over loopback",
        atMost: 0.45,
      }),
  },
  {
    name: "query-1s",
    needs: ["python3", "requests"],
    bytes: SMALL,
    runs: 3,
    measure: (context) =>
      compareProduction(context, { delaySeconds: 1 }, {
        what: "a query that is ready after 1 s, small result",
        atMost: 0.3,
      }),
  },
  {
    name: "memory",
    needs: [],
    bytes: 13 * GB,
    runs: 3,
    measure: measureMemory,
  },
];

const MEMORY_BAR_MIB = 75;

async function measureMemory(context: CaseContext): Promise<Row[]> {
  const { workshop, runs, onRun } = context;
  const sizes = { "10 MB": GB / 100, "1 GB": GB, "4 GB": 4 * GB };
  const summaries: Record<string, Summary> = {};
  let done = 0;
  for (const [size, bytes] of Object.entries(sizes)) {
    const database = await workshop.largeDatabase(bytes);
    await using engine = await FileEngine.start({ file: database });
    const { reset, commands, check } = await productionSide(context, database, engine);
    const peaks: number[] = [];
    for (let run = 0; run < runs; run++) {
      onRun(done++, runs * 3);
      reset();
      peaks.push(await peakMemory(commands[0]!, workshop.join("peak.txt")) / MIB);
      check();
    }
    summaries[size] = summarize(peaks);
  }
  return [
    ...Object.entries(summaries).map(([size, ours]): Row => ({
      what: `peak memory, production, ${size}`,
      unit: "MiB",
      ours,
      bar: { of: "most", atMost: MEMORY_BAR_MIB },
    })),
    {
      what: "peak memory, 4 GB over 1 GB",
      unit: "MiB",
      ours: summaries["4 GB"]!,
      peer: { name: "the relay at 1 GB", summary: summaries["1 GB"]! },
      bar: { of: "ratio", atMost: 1.1 },
    },
  ];
}

interface Claim {
  what: string;
  atMost: number;
}

async function compare(
  { runs, onRun }: CaseContext,
  relay: Side,
  peer: Side,
  { what, atMost }: Claim,
): Promise<Row> {
  const [ours, theirs] = await alternate([relay, peer], { runs, onRun });
  return {
    what,
    unit: "s",
    ours: ours!,
    peer: { name: peer.name, summary: theirs! },
    bar: { of: "ratio", atMost },
  };
}

async function compareProduction(
  context: CaseContext,
  { bytes, delaySeconds }: { bytes?: number } & Pick<FileEngineOptions, "delaySeconds">,
  claim: Claim,
): Promise<Row[]> {
  const { workshop } = context;
  const database =
    await (bytes === undefined ? workshop.smallDatabase() : workshop.largeDatabase(bytes));
  await using engine = await FileEngine.start({ file: database, delaySeconds });
  const mounts = new BenchMounts(workshop.join("python"));
  const env = mounts.productionEnv(engine.url);
  const python = copying({
    name: PYTHON,
    mounts,
    database,
    commands: [await workshop.pythonCommand("python_worker", { env })],
  });
  return [await compare(context, await productionSide(context, database, engine), python, claim)];
}

async function devSide({ workshop }: CaseContext, database: string): Promise<Side> {
  const mounts = new BenchMounts(workshop.join("relay"), dirname(database));
  return copying({
    name: "the relay",
    mounts,
    database,
    commands: [{ program: await workshop.relay(), env: mounts.devEnv() }],
  });
}

async function productionSide(
  { workshop }: CaseContext,
  database: string,
  { url }: FileEngine,
): Promise<Side> {
  const mounts = new BenchMounts(workshop.join("relay"));
  return copying({
    name: "the relay",
    mounts,
    database,
    commands: [{ program: await workshop.relay(), env: mounts.productionEnv(url) }],
  });
}

/** A side that brings a database to an output mount, which is empty at first. */
function copying(
  { name, mounts, database, commands }: Pick<Side, "name" | "commands"> & {
    mounts: BenchMounts;
    database: string;
  },
): Side {
  const { size } = Deno.statSync(database);
  return {
    name,
    commands,
    reset: () => mounts.empty(),
    check() {
      assert.equal(Deno.statSync(mounts.relayed).size, size, "bytes relayed");
      mounts.remove();
    },
  };
}
