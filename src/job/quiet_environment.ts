/**
 * Makes reads of the environment give `undefined` instead of an error, so that npm libraries that look
 * for `NODE_ENV` and the like work in a job's isolate. Import it before them.
 *
 * @module
 */

import process from "node:process";

function refuse(): never {
  throw new Error("A job can't change environment variables");
}

Object.defineProperty(Deno, "env", {
  value: Object.freeze({
    get: () => undefined,
    has: () => false,
    toObject: () => ({}),
    set: refuse,
    delete: refuse,
  }),
});
Object.defineProperty(process, "env", { value: {}, writable: true });
