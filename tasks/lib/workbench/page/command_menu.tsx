/**
 * Copies a command for the terminal.
 *
 * @module
 */

import type { JSX } from "preact";
import { commandFor, type CommandName, type CommandQuery } from "./commands.ts";

const NAMES: readonly [CommandName, string][] = [
  ["sign", "sign: the query's signature"],
  ["worker", "worker: a production run on this machine"],
  ["submit", "submit: a job on the network"],
];

/** Props of {@linkcode CommandMenu}. */
export interface CommandMenuProps {
  /** The query. */
  query: CommandQuery;
  /** Called with the command, and whether the browser let it be copied. */
  onChoice(command: string, copied: boolean): void;
}

/** A choice of commands for a query; one that is chosen is copied. */
export function CommandMenu({ query, onChoice }: CommandMenuProps): JSX.Element {
  const copy = async (name: CommandName) => {
    const command = commandFor(name, query);
    const copied = navigator.clipboard.writeText(command).then(() => true, () => false);
    onChoice(command, await copied);
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
        {NAMES.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
    </label>
  );
}
