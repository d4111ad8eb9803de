# The image that the Compute Engine runs: a base without shell or package manager, and one binary.
# `deno task compile` makes the binary. `deno task build` builds this file with Docker, and
# `deno task export` makes the same image from it without: so it has no RUN, and copies one file.
# `source` is this repository's URL: set it to your own. The version's label comes from deno.json.
ARG BASE=gcr.io/distroless/cc-debian13:latest@sha256:4594d59540d1948417f6ca2829ddd9294493a7c68b7528f4dd459de7f203a750
FROM --platform=linux/amd64 ${BASE}

LABEL org.opencontainers.image.title="Result Relay" \
      org.opencontainers.image.description="A compute job for Vana's data network" \
      org.opencontainers.image.source="https://example.org/result-relay" \
      org.opencontainers.image.licenses="MIT"

COPY dist/relay /relay

# Root, because the mounts that the Compute Engine gives belong to root.
USER 0

ENTRYPOINT ["/relay"]
