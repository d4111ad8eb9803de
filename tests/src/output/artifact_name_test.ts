import assert from "node:assert/strict";
import { ArtifactError } from "../../../mod.ts";
import { checkArtifactName } from "../../../src/output/artifact_name.ts";

for (
  const name of [
    "",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "a//b",
    "a/",
    "./a",
    "a/.",
    "a\0b",
    "a\nb",
    "a\x7fb",
    "a\u0085b",
    "a\u202eb",
    "a\u200bb",
    "a\u2028b",
    "a\ud800b",
    "a\\b",
    ".relay-staging-x/a",
    "a/.relay-x",
    "x".repeat(256),
    "ä".repeat(128),
    "a/".repeat(512) + "b",
  ]
) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 30))} of ${name.length} is refused`, () => {
    assert.throws(() => checkArtifactName(name), ArtifactError);
  });
}

for (const name of ["a", ".hidden", "a/b/c.csv", "ä ö/😀.txt", "x".repeat(255), "..."]) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 30))} is accepted`, () => {
    checkArtifactName(name);
  });
}

Deno.test("a refused name is shown without its control characters", () => {
  assert.throws(() => checkArtifactName("\x9b31m\u202e"), (error: Error) => {
    // deno-lint-ignore no-control-regex
    return !/[\x00-\x1f\x7f-\x9f\u202e]/.test(error.message);
  });
});
