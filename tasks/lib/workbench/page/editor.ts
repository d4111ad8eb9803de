/**
 * An editor for SQL, with the names of the schema to complete.
 *
 * @module
 */

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { sql, SQLite } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { TableInfo } from "../wire.ts";
import { styleNonce } from "./style_nonce.ts";

/** Options of {@linkcode openEditor}. */
export interface EditorOptions {
  /** The element it is put into. */
  parent: HTMLElement;
  /** The text it begins with. */
  text: string;
  /** Called when the text changes. */
  onChange(text: string): void;
  /** Called for Ctrl-Enter, or Cmd-Enter. */
  onRun(): void;
}

/** A running editor. */
export interface Editor {
  /** The text. */
  text(): string;
  /** Replaces the text. */
  setText(text: string): void;
  /** Sets the tables that are completed. */
  setTables(tables: readonly TableInfo[]): void;
  /** Marks a mistake, or none. */
  mark(mistake?: { from: number; to: number; message: string }): void;
  /** Puts the cursor into it. */
  focus(): void;
  /** Removes it. */
  close(): void;
}

/** Opens an editor. Tab leaves it, as it leaves any field. */
export function openEditor({ parent, text, onChange, onRun }: EditorOptions): Editor {
  const language = new Compartment();
  const run = () => {
    onRun();
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(styleNonce),
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        placeholder("SELECT ... FROM ..."),
        language.of(sqlOf([])),
        syntaxHighlighting(colours),
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "SQL query", spellcheck: "false" }),
        Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  const mark = (diagnostics: Diagnostic[]) =>
    view.dispatch(setDiagnostics(view.state, diagnostics));
  return {
    text: () => view.state.doc.toString(),
    setText: (text) =>
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    setTables: (tables) => view.dispatch({ effects: language.reconfigure(sqlOf(tables)) }),
    mark(mistake) {
      const end = view.state.doc.length;
      mark(
        mistake === undefined ? [] : [{
          from: Math.min(mistake.from, end),
          to: Math.min(mistake.to, end),
          message: mistake.message,
          severity: "error",
        }],
      );
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}

function sqlOf(tables: readonly TableInfo[]): ReturnType<typeof sql> {
  const schema = Object.fromEntries(
    tables.map(({ name, columns }) => [name, columns.map(({ name }) => name)]),
  );
  return sql({ dialect: SQLite, schema, upperCaseKeywords: true });
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--muted)" },
  { tag: tags.typeName, color: "var(--code-keyword)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--panel)", color: "var(--text)" },
  // The frame around the editor shows the focus: the gutters would cover an outline.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--muted)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--selection)" },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--text)",
    border: "1px solid var(--border)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "none" },
});
