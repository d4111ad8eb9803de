// Compresses blocks beside the main thread.

import { type Block, deflateBlock } from "./deflate_block.ts";

/** What of a worker's global scope is used; the types of a checkout are the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Block>) => void;
  postMessage(message: Uint8Array, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
scope.onmessage = ({ data }) => {
  const deflated = deflateBlock(data);
  scope.postMessage(deflated, [deflated.buffer]);
};
