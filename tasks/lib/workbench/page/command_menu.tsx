/**
 * Copies a command for the terminal.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { commandFor, type CommandName } from "./commands.tsx";

/** A choice of commands for a query; one that is chosen is copied. */
export function CommandMenu({ query, submit }: { query: string; submit: boolean }): JSX.Element {
  const [said, setSaid] = useState("");
  const names: [CommandName, string][] = [
    ["sign", "sign: the query's signature"],
    ["worker", "worker: a production run on this machine"],
  ];
  if (submit) names.push(["submit", "submit: a job on the network"]);
  const copy = async (name: CommandName) => {
    try {
      await navigator.clipboard.writeText(commandFor(name, query));
      setSaid("Copied");
    } catch {
      setSaid("The browser doesn't allow copying");
    }
    setTimeout(() => setSaid(""), 3000);
  };
  return (
    <label class="choice">
      <span>Copy as command</span>
      <select
        name="command"
        value=""
        onChange={(event) => {
          const name = event.currentTarget.value as CommandName;
          event.currentTarget.value = "";
          void copy(name);
        }}
      >
        <option value="" disabled>choose…</option>
        {names.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
      <span class="figure" role="status">{said}</span>
    </label>
  );
}
