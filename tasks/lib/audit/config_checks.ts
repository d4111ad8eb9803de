/**
 * Checks an image's config against the Dockerfile.
 *
 * @module
 */

import type { ImageConfig } from "../image/config.ts";
import type { ImageRecipe } from "../image/dockerfile.ts";
import { fail, type Finding, list, ok, warn } from "./checks.ts";

/** Checks what the image is for, what it starts, and in what surroundings. */
export function configChecks(config: ImageConfig, recipe: ImageRecipe): [string, Finding][] {
  return [
    ["platform", checkPlatform(config)],
    ["entrypoint", checkEntrypoint(config, recipe)],
    ["user", checkUser(config, recipe)],
    ["env", checkEnv(config, recipe)],
    ["labels", checkLabels(config, recipe)],
    ["settings", checkSettings(config)],
  ];
}

function checkPlatform({ os, architecture }: ImageConfig): Finding {
  const platform = `${os}/${architecture}`;
  return platform === "linux/amd64" ? ok(platform) : fail(`${platform}, but expected linux/amd64`);
}

function checkEntrypoint({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const entrypoint = JSON.stringify(config?.Entrypoint ?? []);
  const expected = JSON.stringify(recipe.entrypoint);
  const command = config?.Cmd ?? [];
  if (command.length > 0) return fail(`${entrypoint} with the command ${JSON.stringify(command)}`);
  return entrypoint === expected ? ok(entrypoint) : fail(`${entrypoint}, but expected ${expected}`);
}

function checkUser({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const user = config?.User ?? "";
  const folder = config?.WorkingDir || "/";
  const seen = `${isRoot(user) ? "root" : user}, starting in ${folder}`;
  if (recipe.workingDirectory !== undefined && folder !== recipe.workingDirectory) {
    return fail(`${seen}, but expected to start in ${recipe.workingDirectory}`);
  }
  if (recipe.user === undefined || user === recipe.user) return ok(seen);
  if (isRoot(user) && isRoot(recipe.user)) return ok(seen);
  return fail(`${seen}, but expected ${recipe.user}`);
}

function isRoot(user: string): boolean {
  return /^(|0|root)(:(0|root))?$/.test(user);
}

/** What bases set, and the worker has no use for. */
const HARMLESS_ENV = ["PATH", "SSL_CERT_FILE"];

function checkEnv({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const env = config?.Env ?? [];
  const unexpected = env.filter((line) => {
    const [name = "", value = ""] = line.split(/=(.*)/s);
    return !HARMLESS_ENV.includes(name) && recipe.env[name] !== value;
  });
  if (unexpected.length > 0) {
    return fail(`${list(unexpected)}, which the Dockerfile of this checkout doesn't set`);
  }
  return ok(env.length === 0 ? "nothing" : env.join(", "));
}

function checkLabels({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const labels = config?.Labels ?? {};
  const seen = list(Object.entries(labels).map(([name, value]) => `${name}=${value}`)) || "none";
  const missing = Object.entries(recipe.labels).filter(([name, value]) => labels[name] !== value);
  if (missing.length === 0) return ok(seen);
  const expected = missing.map(([name, value]) => `${name}=${value}`);
  return warn(`${seen}; the Dockerfile of this checkout says ${list(expected)}`);
}

/** Settings that change what runs, or what the engine sees, and that no job here needs. */
const UNUSED_SETTINGS = [
  "ExposedPorts",
  "Healthcheck",
  "OnBuild",
  "Shell",
  "StopSignal",
  "Volumes",
];

function checkSettings({ config }: ImageConfig): Finding {
  const set = UNUSED_SETTINGS.filter((name) => {
    const value = config?.[name];
    return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : value;
  });
  return set.length === 0
    ? ok(`none of ${UNUSED_SETTINGS.join(", ")}`)
    : fail(`the image has ${list(set)}`);
}
