/**
 * What the client does unless told otherwise.
 *
 * @module
 */

/** The Query Engine of the network. */
export const DEFAULT_QUERY_ENGINE_URL = "https://query.vana.org";

/** Seconds the network's own clients give a query. */
export const DEFAULT_QUERY_TIMEOUT_SECONDS = 150;

/** Seconds without a byte after which a download is cut and resumed. */
export const DEFAULT_DOWNLOAD_STALL_SECONDS = 30;
