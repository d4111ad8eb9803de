/**
 * Reads the header by which a server asks for credentials.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 * @module
 */

/** One way of authentication that a server accepts. */
export interface Challenge {
  /** Its name, in lower case: `bearer`, `basic`. */
  scheme: string;
  /** Its parameters; their names are in lower case. */
  params: ReadonlyMap<string, string>;
}

/** Commas separate challenges as well as parameters; a quoted value may hold commas. */
const ITEM = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const SCHEME = /^([\w!#$%&'*+.^`|~-]+)(?:\s+(.*))?$/s;
/** A value that isn't quoted may be a URL: registries send that, though the standard doesn't allow it. */
const PARAM = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))$/s;

/** Reads the values of `WWW-Authenticate`, joined by commas. What isn't well-formed is left out. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  for (const [item] of header.matchAll(ITEM)) {
    let text = item.trim();
    if (!PARAM.test(text)) {
      const [, scheme, rest = ""] = SCHEME.exec(text) ?? [];
      if (scheme === undefined) continue;
      challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
      text = rest.trim();
    }
    const [, name, quoted, plain = ""] = PARAM.exec(text) ?? [];
    if (name === undefined) continue;
    const value = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/gs, "$1");
    challenges.at(-1)?.params.set(name.toLowerCase(), value);
  }
  return challenges;
}
