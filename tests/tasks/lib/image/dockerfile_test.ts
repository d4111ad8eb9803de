import assert from "node:assert/strict";
import { join } from "node:path";
import { readDockerfile } from "../../../../tasks/lib/image/dockerfile.ts";
import { ROOT } from "../../../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const WHOLE = `ARG BASE=registry.example.org/base@${DIGEST}
FROM --platform=linux/amd64 \${BASE}
COPY dist/relay /relay
USER 0
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

Deno.test("base and labels are read", () => {
  assert.deepEqual(read(`${WHOLE}LABEL a="one two" \\\n  b=2\nLABEL c=3\n`), {
    base: `registry.example.org/base@${DIGEST}`,
    labels: { a: "one two", b: "2", c: "3" },
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
    "an ENTRYPOINT with arguments": WHOLE.replace('"/relay"', '"/relay", "--flag"'),
    "an ENV": `${WHOLE}ENV LOG_LEVEL=debug\n`,
    "another USER": WHOLE.replace("USER 0", "USER 65532:65532"),
    "a second USER": `${WHOLE}USER 0\n`,
    "a WORKDIR": `${WHOLE}WORKDIR /work\n`,
    "a label from a variable": `${WHOLE}LABEL a=$BASE\n`,
  })
) {
  Deno.test(`${what} is refused, as verify proves no such image`, () => {
    assert.throws(() => read(text), {
      name: "ToolError",
      message: /Dockerfile:\d: this [A-Z]+ can't be exported: .*`deno task build`/,
    });
  });
}

for (const keyword of ["ARG", "FROM", "COPY", "USER", "ENTRYPOINT"]) {
  Deno.test(`a Dockerfile without ${keyword} is refused`, () => {
    const text = WHOLE.replace(new RegExp(`^${keyword} .*\\n`, "m"), "");
    assert.throws(() => read(text), new RegExp(`has no ${keyword}; an image needs one`));
  });
}
