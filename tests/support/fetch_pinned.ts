// Gets a URL at an address that is given, and prints how many bytes came. Arguments: URL, address.
import { writeAll } from "../../src/files.ts";
import { PinnedClient } from "../../tasks/lib/http/pinned_client.ts";

const [url, address] = Deno.args as [string, string];
let response: Response;
{
  using pinned = new PinnedClient([address], Number(new URL(url).port));
  response = await fetch(url, { client: pinned.client });
}
const line = `${response.status} ${(await response.bytes()).length}\n`;
writeAll(Deno.stdout, new TextEncoder().encode(line));
