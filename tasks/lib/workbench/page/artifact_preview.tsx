/**
 * A look into an artifact, by its kind.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatBytes } from "../../../../src/format_bytes.ts";
import { printable } from "../../../../src/printable.ts";
import type { ArtifactInfo, ArtifactPreview } from "../wire.ts";
import { ask, askFile } from "./api.ts";
import { GridPanel } from "./grid_panel.tsx";
import { Notice } from "./notice.tsx";
import { route, setParams } from "./route.ts";
import { downloadArtifact } from "./save_file.ts";

/** Shows an artifact, and saves it. */
export function ArtifactPreviewPane({ artifact }: { artifact: ArtifactInfo }): JSX.Element {
  const { name, bytes, bytesBefore, status } = artifact;
  const [error, setError] = useState("");
  const change = status !== "changed" || bytesBefore === undefined
    ? ""
    : bytesBefore === bytes
    ? ", the same size as before"
    : `, ${formatBytes(bytesBefore)} before`;
  return (
    <div class="artifact">
      <div class="toolbar artifact-head">
        <h2>{printable(name)}</h2>
        <span class="muted">{formatBytes(bytes)}{change}</span>
        <span class="spring" />
        <button
          type="button"
          onClick={() => downloadArtifact(name).catch(({ message }: Error) => setError(message))}
        >
          Download
        </button>
      </div>
      {error !== "" && <Notice kind="error">{error}</Notice>}
      <Content artifact={artifact} />
    </div>
  );
}

function Content({ artifact }: { artifact: ArtifactInfo }): JSX.Element {
  switch (artifact.kind) {
    case "image":
      return <Picture artifact={artifact} />;
    case "html":
      return <Frame artifact={artifact} />;
    case "other":
      return (
        <div class="empty">
          <h3>No preview</h3>
          <p>This format can't be shown here. Download it to open it in another program.</p>
        </div>
      );
    default:
      return <RowsOrText artifact={artifact} />;
  }
}

function RowsOrText({ artifact: { name, stamp } }: { artifact: ArtifactInfo }): JSX.Element {
  const [preview, setPreview] = useState<{ of: string; shown: ArtifactPreview }>();
  const [error, setError] = useState("");
  useEffect(() => {
    const left = new AbortController();
    ask<ArtifactPreview>("preview", { name }, left.signal).then(
      (shown) => setPreview({ of: stamp, shown }),
      ({ message }: Error) => !left.signal.aborted && setError(message),
    );
    return () => left.abort();
  }, [name, stamp]);
  if (error !== "") return <Notice kind="error">{error}</Notice>;
  if (preview === undefined) return <p class="waiting">Reading {printable(name)}…</p>;
  const { shown } = preview;
  switch (shown.kind) {
    case "none":
      return <Notice kind="info">{printable(shown.reason, "\n\t")}</Notice>;
    case "text":
      return (
        <div class="text-preview">
          <pre tabIndex={0} aria-label="Content">{printable(shown.text, "\n\t")}</pre>
          {!shown.whole && <p class="muted">This is the beginning; download it for the rest.</p>}
        </div>
      );
    case "tables": {
      const names = shown.tables.map(({ name }) => name);
      const asked = route.value.params.get("table");
      const table = names.find((name) => name === asked) ?? names[0]!;
      return (
        <GridPanel source={shown.source} table={table} label={name} version={preview.of}>
          {names.length > 1 && (
            <label class="choice">
              <span>Table</span>
              <select
                name="table"
                value={table}
                onChange={({ currentTarget }) =>
                  setParams({ table: currentTarget.value, where: undefined, sort: undefined })}
              >
                {names.map((name) => <option key={name} value={name}>{name}</option>)}
              </select>
            </label>
          )}
        </GridPanel>
      );
    }
  }
}

function Picture({ artifact: { name, stamp } }: { artifact: ArtifactInfo }): JSX.Element {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState("");
  useEffect(() => {
    const left = new AbortController();
    let made: string | undefined;
    askFile("image", { name }, left.signal).then((file) => {
      if (left.signal.aborted) return;
      const type = name.toLowerCase().endsWith(".svg") ? "image/svg+xml" : "";
      setUrl(made = URL.createObjectURL(new Blob([file], { type })));
    }, ({ message }: Error) => !left.signal.aborted && setError(message));
    return () => {
      left.abort();
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [name, stamp]);
  if (error !== "") return <Notice kind="error">{error}</Notice>;
  return (
    <div class="image-preview">
      {url === undefined ? <p class="waiting">Reading {printable(name)}…</p> : (
        <img
          src={url}
          alt={`The artifact ${printable(name)}`}
          onError={() => setError("The browser can't show this picture; download it to see it")}
        />
      )}
    </div>
  );
}

/** The artifact's own markup, in a frame without scripts, network or a way out. */
function Frame({ artifact: { name, stamp } }: { artifact: ArtifactInfo }): JSX.Element {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState("");
  useEffect(() => {
    ask<{ url: string }>("pass", { name, use: "frame" })
      .then(({ url }) => setUrl(url), ({ message }: Error) => setError(message));
  }, [name, stamp]);
  if (error !== "") return <Notice kind="error">{error}</Notice>;
  return (
    <div class="html-preview">
      <p class="muted">
        Shown without its scripts, and without anything that it would load from elsewhere.
      </p>
      {url !== undefined && (
        <iframe key={url} src={url} sandbox="" title={`The artifact ${printable(name)}`} />
      )}
    </div>
  );
}
