// A confined module for tests: does what it is told, which is more than it may.

import { answerOrder } from "../../tasks/lib/process/answer_order.ts";

await answerOrder(async (order) => {
  switch (order) {
    case "hang":
      for (;;);
    case "memory": {
      const kept: unknown[] = [];
      for (;;) kept.push(new Array(1000).fill(kept.length));
    }
    case "flood":
      for (const chunk = new Uint8Array(1 << 20).fill(0x20);;) Deno.stdout.writeSync(chunk);
    case "permissions":
      return await Promise.all(
        (["read", "write", "net", "env", "run", "ffi", "sys"] as const).map(async (name) =>
          (await Deno.permissions.query({ name })).state
        ),
      );
    default:
      return order;
  }
});
