/**
 * What styles carry that scripts make, so that the page's policy lets them apply.
 *
 * @module
 */

/** The nonce of this load of the page. */
export const styleNonce: string =
  document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";
