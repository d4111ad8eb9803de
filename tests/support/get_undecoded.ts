// Gets a URL's own bytes at an address that is given, and prints how many came. Arguments: URL, address.
import { writeAll } from "../../src/files.ts";
import { getUndecoded } from "../../tasks/lib/http/undecoded.ts";

const [url, address] = Deno.args as [string, string];
const answer = await getUndecoded({
  url: new URL(url),
  shown: url,
  sent: {},
  addresses: [address],
  response: new Response(),
});
const line = `${(await answer?.response.bytes())?.length}\n`;
writeAll(Deno.stdout, new TextEncoder().encode(line));
