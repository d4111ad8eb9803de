/**
 * What a stream can show.
 *
 * @module
 */

/** Where text is shown. */
export interface Screen {
  /** Frames, colour and bold type, or plain text. */
  rich: boolean;
  /** Columns of characters; `Infinity` where there is no terminal. */
  width: number;
}

/** What standard output or standard error can show: plain text in a pipe and where `NO_COLOR` is set. */
export function screenOf(stream: { isTerminal(): boolean }): Screen {
  const terminal = stream.isTerminal();
  return {
    rich: terminal && !Deno.noColor,
    width: terminal ? Deno.consoleSize().columns : Infinity,
  };
}
