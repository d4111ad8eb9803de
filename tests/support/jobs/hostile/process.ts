// Attacks on the process: its end, its signals, its memory, its standard streams.
import { DatabaseSync } from "node:sqlite";
import process from "node:process";
import { type Attacks, core, dataUrl, forgeEnd, postMessage, ready, say, sleep } from "./scene.ts";

export const ends: Attacks = {
  "Deno.exit": () => Deno.exit(0),
  "process.exit": () => process.exit(0),
  "process.reallyExit": () =>
    (process as unknown as { reallyExit(code: number): void }).reallyExit(0),
  "an operation that exits": async () => {
    const { ops } = core();
    ops.op_set_exit_code(0);
    ops.op_exit();
    await sleep(200);
  },
  "self.close": async () => {
    (self as unknown as { close(): void }).close();
    await sleep(1000);
  },
  "a forged end, then self.close": forgeEnd,
  "process.abort": () => process.abort(),
  "an operation that panics": () => core().ops.op_panic("on purpose"),
  "Deno.kill": () => Deno.kill(Deno.pid, "SIGKILL"),
  "process.kill": () => process.kill(process.pid, "SIGKILL"),
  "an error in a timer": async () => {
    setTimeout(() => {
      throw new Error("strayed");
    });
    await sleep(1000);
  },
  "an error that Node's handler takes": async () => {
    process.on("uncaughtException", () => {});
    setTimeout(() => {
      throw new Error("strayed");
    });
    await sleep(300);
  },
  "a rejection": async () => {
    void Promise.reject(new Error("strayed"));
    await sleep(1000);
  },
  "a stack without end": () => {
    const recurse = (): number => recurse() + 1;
    recurse();
  },
  "memory without end": () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(100_000).fill(1.5));
  },
  "SQL's memory without end": () => {
    const db = new DatabaseSync(":memory:");
    db.exec(
      "CREATE TABLE t AS SELECT zeroblob(1000000000) AS a UNION ALL SELECT zeroblob(1000000001)",
    );
  },
  "the standard streams closed": () => {
    Deno.stdin.close();
    Deno.stdout.close();
    Deno.stderr.close();
  },
  "the process's own event loop": async () => {
    const { ops, close } = core();
    for (let descriptor = 3; descriptor < 6; descriptor++) {
      try {
        close(ops.op_node_file_from_fd(descriptor));
      } catch {
        // It isn't open.
      }
    }
    await sleep(1000);
  },
  "the process's title": () => {
    process.title = "attack";
  },
};

/** Jobs that never end. */
export const endless: Attacks = {
  "a loop": () => {
    ready();
    for (;;);
  },
  "microtasks": async () => {
    ready();
    for (;;) await null;
  },
  "a timer": () => {
    ready();
    return sleep(1e9);
  },
  "SQL": () => {
    ready();
    new DatabaseSync(":memory:").exec(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c",
    );
  },
  "Atomics.wait": () => {
    ready();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  "listeners that take the signals": () => {
    const nothing = () => {};
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, nothing);
      process.on(signal, nothing);
    }
    ready();
    return sleep(1e9);
  },
  "a forged end, then a loop": () => {
    postMessage({ type: "done" });
    ready();
    for (;;);
  },
  "a forged failure, then a loop": () => {
    ready();
    postMessage({ type: "failed", failure: { message: "forged" } });
    for (;;);
  },
  "messages": () => {
    ready();
    for (;;) postMessage({ type: "log", level: "debug", message: "x", properties: "{}" });
  },
  "workers": () => {
    const spin = dataUrl("for (;;);");
    for (let at = 0; at < 3; at++) new Worker(spin, { type: "module" });
    ready();
    return sleep(1e9);
  },
  "reading what the signals are passed by": () => {
    const { ops, readSync } = core();
    const open: number[] = [];
    for (let descriptor = 6; descriptor < 32; descriptor++) {
      try {
        open.push(ops.op_node_file_from_fd(descriptor));
      } catch {
        // It isn't open.
      }
    }
    ready();
    const buffer = new Uint8Array(64);
    for (;;) {
      for (const file of open) {
        try {
          readSync(file, buffer);
        } catch {
          // There is nothing to read.
        }
      }
    }
  },
};

export const messages: Attacks = {
  "values of every kind": () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.itself = cyclic;
    const values = [
      null,
      undefined,
      1,
      "done",
      [],
      cyclic,
      new Map([["type", "done"]]),
      new Error("x"),
    ];
    for (const value of values) postMessage(value);
    for (const type of ["", "run", "stop", "describe", "constructor", "__proto__", 1, {}, null]) {
      postMessage({ type });
    }
  },
  "log lines of every kind": () => {
    for (const level of ["__proto__", "constructor", 1, null, {}, "error"]) {
      postMessage({ type: "log", level, message: { toString: "x" }, properties: [] });
    }
    for (
      const properties of ["", "null", "1", "[1]", '{"__proto__":{"a":1}}', "{", '{"a":{"b":[]}}']
    ) {
      postMessage({ type: "log", level: "info", message: "plain", properties });
    }
  },
  "a value with getters": () => {
    const value = Object.defineProperty({}, "type", {
      enumerable: true,
      get: () => {
        throw new Error("on purpose");
      },
    });
    postMessage(value);
  },
  "a description": () => postMessage({ type: "described", description: "x".repeat(1e8) }),
  "texts of 100 MB": () => {
    const text = "x".repeat(1e8);
    postMessage(text);
    postMessage({ type: "log", level: "info", message: text, properties: text });
  },
  "a failure of 100 MB": () => {
    const text = "x".repeat(1e8);
    postMessage({
      type: "failed",
      failure: { message: text, places: Array(1000).fill(text.slice(0, 1000)) },
    });
  },
  "a failure that forges log lines": () =>
    postMessage({
      type: "failed",
      failure: {
        message: "\x1b[2J\u202eevil\n2026-01-01T00:00:00.000Z INFO    forged",
        places: ["\x1b[31mmain.ts:1:1\n2026-01-01T00:00:00.000Z INFO    forged"],
      },
    }),
  "a failure of no shape": () => postMessage({ type: "failed" }),
  "a failure after the end": () => {
    postMessage({ type: "done" });
    postMessage({ type: "failed", failure: { message: "forged" } });
  },
  "two ends": () => {
    postMessage({ type: "done" });
    postMessage({ type: "done" });
  },
  "100,000 log lines": () => {
    for (let at = 0; at < 100_000; at++) {
      postMessage({ type: "log", level: "debug", message: "x", properties: "{}" });
    }
  },
  "replaced globals": () => {
    const nothing = () => {};
    Object.assign(globalThis, {
      structuredClone: nothing,
      JSON: { parse: nothing, stringify: nothing },
    });
    Array.prototype.map = nothing as never;
    Object.prototype.toString = nothing as never;
    Deno.permissions.querySync = (() => ({ state: "granted" })) as never;
  },
  "a replaced postMessage": () => {
    const { postMessage: original } = globalThis as unknown as {
      postMessage(value: unknown): void;
    };
    Object.assign(globalThis, {
      postMessage: () => original({ type: "failed", failure: { message: "forged" } }),
    });
  },
  "a broken Object.prototype": () => {
    Object.defineProperty(Object.prototype, "type", { value: "done", configurable: true });
    say("broken");
  },
};
