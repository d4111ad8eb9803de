/**
 * A value of a grid, whole.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatBytes } from "../../../../src/format_bytes.ts";
import { printable } from "../../../../src/printable.ts";
import type { GridView, WholeCell } from "../wire.ts";
import { ask } from "./api.ts";

/** Props of {@linkcode CellDialog}. */
export interface CellDialogProps {
  /** The rows. */
  view: GridView;
  /** The row's number from 0 on. */
  row: number;
  /** The column. */
  column: string;
  /** Called when it is closed. */
  onClose(): void;
}

/** Shows a value as text; what can't be seen is shown as an escape. */
export function CellDialog({ view, row, column, onClose }: CellDialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [cell, setCell] = useState<WholeCell>();
  const [error, setError] = useState("");
  useEffect(() => {
    const before = document.activeElement;
    dialog.current!.showModal();
    ask<WholeCell>("cell", { view, row, column })
      .then(setCell, ({ message }: Error) => setError(message));
    return () => (before as HTMLElement | null)?.focus();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="cell-title" class="cell-dialog">
      <header>
        <h2 id="cell-title">{column}, row {(row + 1).toLocaleString("en")}</h2>
        <button type="button" onClick={() => dialog.current!.close()}>Close</button>
      </header>
      {error !== "" && <p role="alert">{error}</p>}
      {cell !== undefined && (
        <>
          <p class="muted">
            {cell.kind}
            {cell.kind === "text" || cell.kind === "blob" ? `, ${formatBytes(cell.bytes)}` : ""}
            {cell.whole ? "" : "; the first mebibyte is shown"}
          </p>
          <pre tabIndex={0} aria-label="Value">{printable(cell.text, "\n\t")}</pre>
        </>
      )}
    </dialog>
  );
}
