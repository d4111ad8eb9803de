/**
 * Runs `deno` itself, in an environment in which the same source gives the same bytes.
 *
 * @module
 */

/**
 * What may reach a child: where its caches are and how it gets through a company's network. Other
 * settings, such as `DENO_V8_FLAGS`, could end up in a compiled binary.
 */
const PASSED_ON = [
  "PATH",
  "HOME",
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "TMPDIR",
  "DENO_TLS_CA_STORE",
  "NPM_CONFIG_REGISTRY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** What a `deno` command did. */
export interface DenoOutcome {
  /** Whether it exited with 0. */
  success: boolean;
  /** What it printed. */
  stdout: string;
  /** What it wrote on standard error. */
  stderr: string;
}

/** Options of {@linkcode runDeno}. */
export interface RunDenoOptions {
  /** The folder it runs in. */
  cwd: string;
  /**
   * Variables besides those that are passed on.
   *
   * @default {}
   */
  env?: Record<string, string>;
  /**
   * Milliseconds after which it is killed.
   *
   * @default no limit
   */
  timeoutMs?: number;
}

/** Runs a `deno` command to its end. */
export async function runDeno(
  args: readonly string[],
  { cwd, env = {}, timeoutMs }: RunDenoOptions,
): Promise<DenoOutcome> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...Object.fromEntries(passedOn), DENO_NO_PACKAGE_JSON: "1", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, stdout: text(stdout), stderr: text(stderr) };
}
