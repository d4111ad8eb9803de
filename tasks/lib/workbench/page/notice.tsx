/**
 * A message that stands out.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";

/** A message; an error is spoken at once, anything else when there is time. */
export function Notice(
  { kind, children }: { kind: "error" | "info" | "good"; children: ComponentChildren },
): JSX.Element {
  return <div class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>{children}
  </div>;
}
