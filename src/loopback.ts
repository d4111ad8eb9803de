/**
 * This machine itself, as a URL names it.
 *
 * @module
 */

/** Whether a URL leads to this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
