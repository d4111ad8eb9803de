/**
 * A link within the page.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";
import { go } from "./route.ts";

/** Props of {@linkcode Link}. */
export interface LinkProps {
  /** The address. */
  href: string;
  /** Whether it leads to where the page is. */
  current?: boolean;
  /** Its classes. */
  class?: string;
  /** What it shows. */
  children: ComponentChildren;
}

/** A link that doesn't load the page anew; with a modifier key it opens a tab, as any link does. */
export function Link({ href, current, children, ...props }: LinkProps): JSX.Element {
  return (
    <a
      href={href}
      class={props.class}
      aria-current={current === true ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(href);
      }}
    >
      {children}
    </a>
  );
}
