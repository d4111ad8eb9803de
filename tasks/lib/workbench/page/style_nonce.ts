/**
 * The nonce by which the page's policy admits styles that scripts make.
 *
 * @module
 */

/** The nonce of this load of the page. */
export const styleNonce: string =
  document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";
