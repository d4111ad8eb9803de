import assert from "node:assert/strict";
import { join } from "node:path";
import { readDockerfile } from "../../../../tasks/lib/image/dockerfile.ts";
import { ROOT } from "../../../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const WHOLE = `ARG BASE=registry.example.org/base@${DIGEST}
FROM --platform=linux/amd64 \${BASE}
COPY dist/relay /relay
ENTRYPOINT ["/relay"]
`;

function read(text: string) {
  using folder = new TemporaryFolder({ prefix: "dockerfile-test-" });
  Deno.writeTextFileSync(folder.join("Dockerfile"), text);
  return readDockerfile(folder.join("Dockerfile"));
}

Deno.test("the Dockerfile pins its base by digest", () => {
  assert.match(readDockerfile(join(ROOT, "Dockerfile")).base, /@sha256:[0-9a-f]{64}$/);
});

Deno.test("the Dockerfile names the repository, and leaves the version to deno.json", () => {
  const { labels } = readDockerfile(join(ROOT, "Dockerfile"));
  assert.match(labels["org.opencontainers.image.source"]!, /^https:\/\/[\w./-]+$/);
  assert.equal(labels["org.opencontainers.image.version"], undefined);
});

Deno.test("the Dockerfile runs the image as root", () => {
  assert.equal(readDockerfile(join(ROOT, "Dockerfile")).user, "0");
});

Deno.test("labels, variables, user and folder are read", () => {
  const recipe = read(
    `${WHOLE}LABEL a="one two" \\\n  b=2\nENV C=3\nUSER 65532:65532\nWORKDIR /work\n`,
  );
  assert.deepEqual(recipe, {
    base: `registry.example.org/base@${DIGEST}`,
    binary: "relay",
    entrypoint: ["/relay"],
    user: "65532:65532",
    workingDirectory: "/work",
    env: { C: "3" },
    labels: { a: "one two", b: "2" },
  });
});

for (
  const [what, text] of Object.entries({
    "a RUN": `${WHOLE}RUN apt-get update\n`,
    "a second COPY": `${WHOLE}COPY dist/relay /other\n`,
    "a COPY of something else": WHOLE.replace("dist/relay", "README.md"),
    "a COPY into a folder": WHOLE.replace(" /relay", " /app/relay"),
    "a COPY that changes the owner": WHOLE.replace("COPY", "COPY --chown=1:1"),
    "another FROM": WHOLE.replace("${BASE}", "debian"),
    "an ENTRYPOINT for a shell": WHOLE.replace('["/relay"]', "/relay"),
    "a label from a variable": `${WHOLE}LABEL a=$BASE\n`,
  })
) {
  Deno.test(`${what} is refused, as it would be another image with Docker`, () => {
    assert.throws(() => read(text), {
      name: "ToolError",
      message: /Dockerfile:\d: this [A-Z]+ can't be followed without Docker.*`deno task build`/,
    });
  });
}

Deno.test("a Dockerfile without an ENTRYPOINT is refused", () => {
  assert.throws(() => read(WHOLE.replace(/ENTRYPOINT.*\n/, "")), /has no ENTRYPOINT/);
});
