import assert from "node:assert/strict";
import { parseReference } from "../../../../tasks/lib/image/reference.ts";

Deno.test("names of images are read as Docker reads them", () => {
  const read = (text: string) => {
    const { registry, repository, tag, digest } = parseReference(text);
    return [registry.origin, repository, tag, digest];
  };
  const digest = `sha256:${"0".repeat(64)}`;
  assert.deepEqual(read(`gcr.io/distroless/cc:latest@${digest}`), [
    "https://gcr.io",
    "distroless/cc",
    "latest",
    digest,
  ]);
  assert.deepEqual(read("debian"), [
    "https://registry-1.docker.io",
    "library/debian",
    undefined,
    undefined,
  ]);
  assert.deepEqual(read("user/name:1.2")[1], "user/name");
  assert.deepEqual(read("localhost:5000/a/b:c"), ["http://localhost:5000", "a/b", "c", undefined]);
  assert.deepEqual(read("registry.example.org:5000/a")[0], "https://registry.example.org:5000");
});

for (
  const text of ["", "Upper/Case", "name@sha256:abc", "name@md5:0", "-x", "a b", "http://host/name"]
) {
  Deno.test(`${JSON.stringify(text)} is no image's name`, () => {
    assert.throws(() => parseReference(text), /neither a file nor an image's name/);
  });
}
