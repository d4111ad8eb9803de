/**
 * What a query reads and would cost on a network.
 *
 * @module
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { QuotedQuery } from "../wire.ts";
import { ask } from "./api.ts";
import { Notice } from "./notice.tsx";

/** Props of {@linkcode QuotePanel}. */
export interface QuotePanelProps {
  /** The query. */
  query: string;
  /** For whom, and on which network. */
  label: string;
}

/** Asks what a query costs when the button is pressed, and shows the answer. */
export function QuotePanel({ query, label }: QuotePanelProps): JSX.Element {
  const [quote, setQuote] = useState<{ of: string; quoted: QuotedQuery }>();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError("");
    try {
      setQuote({ of: query, quoted: await ask<QuotedQuery>("quote", { sql: query }) });
    } catch (error) {
      setError((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <>
      <div class="toolbar quote-head">
        <button type="button" onClick={run} disabled={busy || query.trim() === ""}>
          {busy ? "Asking the network…" : "Quote"}
        </button>
        <span class="muted">{label}</span>
      </div>
      {error !== "" && <Notice kind="error">{error}</Notice>}
      {quote !== undefined && quote.of === query && error === "" && <Quoted {...quote.quoted} />}
    </>
  );
}

function Quoted({ reads, permitted, prices, inexact, affordable }: QuotedQuery): JSX.Element {
  return (
    <Notice kind="info">
      <table class="quote">
        <caption>Reads</caption>
        <tbody>
          {reads.map(({ name, permission }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{permission}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl class="facts">
        <Fact name="Permitted" value={permitted} />
        {prices.length === 0 && inexact === undefined && (
          <Fact name="Price" value="nothing to pay" />
        )}
        {prices.map(({ price, balance }) => (
          <Fact key={price} name="Price" value={`${price} (balance: ${balance})`} />
        ))}
        {inexact !== undefined && <Fact name="Not exact" value={inexact} />}
        <Fact name="Affordable" value={affordable} />
      </dl>
    </Notice>
  );
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
