/**
 * The view in which a query is written, run and made the job's.
 *
 * @module
 */

import { type Signal, signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { QueryAnswer } from "../wire.ts";
import { ask } from "./api.ts";
import { CommandMenu } from "./command_menu.tsx";
import { type Editor, openEditor } from "./editor.ts";
import { GridPanel } from "./grid_panel.tsx";
import { workbench } from "./live.ts";
import { Notice } from "./notice.tsx";
import { QuotePanel } from "./quote_panel.tsx";
import { setParams } from "./route.ts";
import { recall, remember } from "./session.ts";
import { counted, formatSeconds } from "./words.ts";

/** The text in the editor; `undefined` until the job's query is known. */
const draft: Signal<string | undefined> = signal(recall<string>("draft"));

/** What the last query gave. */
const answer: Signal<QueryAnswer | undefined> = signal(recall<QueryAnswer>("answer"));

/** The query under way. */
const running: Signal<AbortController | undefined> = signal(undefined);

/** The view. */
export function QueryView(): JSX.Element {
  const { data, jobQuery, quotes, script } = workbench.value!;
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(undefined);
  const [params, setParamsText] = useState(recall<string>("params") ?? "");
  const [notice, setNotice] = useState<
    { kind: "error" | "good"; text: string; command?: string }
  >();
  const start = () => {
    setNotice(undefined);
    void run(editor.current!.text(), params, (text) => setNotice({ kind: "error", text }));
  };
  const latest = useRef(start);
  latest.current = start;
  useEffect(() => {
    draft.value ??= jobQuery ?? "";
    editor.current = openEditor({
      parent: place.current!,
      text: draft.value,
      onChange(text) {
        draft.value = text;
        remember("draft", text);
        editor.current?.mark();
      },
      onRun: () => latest.current(),
    });
    return () => editor.current!.close();
  }, []);
  useEffect(() => editor.current!.setTables(data.refiner), [data.refiner]);
  const given = answer.value;
  useEffect(() => {
    if (given?.ok === false && given.from !== undefined && given.to !== undefined) {
      editor.current!.mark({ from: given.from, to: given.to, message: given.message });
    } else editor.current!.mark();
  }, [given]);
  const use = async () => {
    try {
      await ask("use-query", { sql: editor.current!.text() });
      setNotice({
        kind: "good",
        text: `${script} has the query now`,
      });
    } catch (error) {
      setNotice({ kind: "error", text: (error as Error).message });
    }
  };
  const text = draft.value ?? "";
  const isJobs = jobQuery !== undefined && text.replace(/;\s*$/, "").trim() === jobQuery;
  return (
    <div class="query-view">
      <div class="query-editor">
        <div class="editor" ref={place} />
        <div class="toolbar">
          {running.value === undefined
            ? (
              <button type="button" class="primary" onClick={start} title="Ctrl-Enter">
                Run <kbd>Ctrl ⏎</kbd>
              </button>
            )
            : (
              <button type="button" class="primary" onClick={() => running.value?.abort()}>
                Stop the query
              </button>
            )}
          <button type="button" onClick={use} disabled={isJobs || text.trim() === ""}>
            {isJobs ? "This is the job's query" : "Use as the job's query"}
          </button>
          {!isJobs && jobQuery !== undefined && (
            <button
              type="button"
              onClick={() => editor.current!.setText(jobQuery)}
            >
              Back to the job's query
            </button>
          )}
          <CommandMenu
            query={{ sql: text, params }}
            onChoice={(command, copied) =>
              setNotice({
                kind: "good",
                text: copied ? "Copied:" : "The browser blocked copying; select the text:",
                command,
              })}
          />
          {/[?:@$]/.test(text) && (
            <label class="choice">
              <span>Values</span>
              <input
                name="params"
                value={params}
                placeholder='["a", 1]'
                spellcheck={false}
                onInput={(event) => {
                  setParamsText(event.currentTarget.value);
                  remember("params", event.currentTarget.value);
                }}
              />
            </label>
          )}
          <span class="spring" />
          <span class="figure" role="status">{statusOf(given, running.value !== undefined)}</span>
        </div>
        {quotes !== undefined && <QuotePanel query={text} label={quotes} />}
        {notice !== undefined && (
          <Notice kind={notice.kind}>
            {notice.text}
            {notice.command !== undefined && <pre>{notice.command}</pre>}
          </Notice>
        )}
        {given?.ok === false && running.value === undefined && (
          <Notice kind="error">{given.message}</Notice>
        )}
      </div>
      {given?.ok === true
        ? (
          <GridPanel
            source={`answer:${given.id}`}
            table="results"
            label="The query's result"
            version={given.id}
          />
        )
        : given === undefined && <Welcome tables={data.refiner.map(({ name }) => name)} />}
    </div>
  );
}

async function run(
  sql: string,
  paramsText: string,
  onError: (message: string) => void,
): Promise<void> {
  let params: unknown;
  try {
    params = paramsText.trim() === "" ? [] : JSON.parse(paramsText);
    if (!Array.isArray(params)) throw new TypeError();
  } catch {
    return onError('The values must be a JSON array, like ["de", 3]');
  }
  running.value?.abort();
  const own = running.value = new AbortController();
  try {
    const given = await ask<QueryAnswer>("query", { sql, params }, own.signal);
    if (running.value !== own) return;
    // The order of another answer's rows has no meaning here.
    if (given.ok) setParams({ where: undefined, sort: undefined }, { replace: true });
    answer.value = given;
    remember("answer", given);
  } catch (error) {
    if (!own.signal.aborted) onError((error as Error).message);
  } finally {
    if (running.value === own) running.value = undefined;
  }
}

function statusOf(given: QueryAnswer | undefined, busy: boolean): string {
  if (busy) return "Running…";
  if (given === undefined) return "";
  if (!given.ok) return `Failed after ${formatSeconds(given.seconds)}`;
  return `${counted(given.count, "row")} in ${formatSeconds(given.seconds)}`;
}

function Welcome({ tables }: { tables: readonly string[] }): JSX.Element {
  return (
    <div class="empty">
      <h3>No answer yet</h3>
      <p>
        Press <kbd>Ctrl</kbd> <kbd>⏎</kbd> to run the query on{" "}
        {tables.length === 0 ? "the refiner's tables" : tables.join(", ")}. The local Query Engine
        runs it, as production would.
      </p>
    </div>
  );
}
