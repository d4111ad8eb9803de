/**
 * How approve and revoke decide, ask and send. Most are told on revoke, which takes no archive; both send in
 * the same way, and so does register.
 */

import assert from "node:assert/strict";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { createWalletClient, type Hex, http, isAddressEqual } from "viem";
import { vanaMoksha } from "viem/chains";
import { hasProgram } from "../support/artifacts.ts";
import { canRunEvm, LocalChain } from "../support/evm.ts";
import { answerLost, FaultyRpc, lost } from "../support/faulty_rpc.ts";
import {
  runOnChain,
  SOME_INSTRUCTION,
  spawnOnChain,
  testApproved,
  testOnChain,
} from "../support/onchain.ts";
import { newPerson, type Person } from "../support/people.ts";
import { type Outcome, outcomeOf, runTask } from "../support/run.ts";

const REVOKE = ["revoke", "1", "--dlp", "7"];
const HASH = /0x[0-9a-f]{64}/;
/** Until a task has sent what it sends, in a test. */
const PATIENCE_MS = 20_000;

/** Runs a revocation that must fail and send nothing. */
async function refused(
  chain: LocalChain,
  args: string[],
  options: { as?: Person; env?: Record<string, string> } = { as: chain.owner },
): Promise<Outcome> {
  const outcome = await runOnChain(chain, args, options);
  assert.equal(outcome.code, 1, outcome.stdout);
  assert.equal(await chain.isApproved(1n), true);
  assert.equal(await chain.sentBy(chain.owner), 1, "only the approval was sent");
  return outcome;
}

testApproved("revoke --dry-run shows the cost and sends nothing", async (chain) => {
  const { code, stderr } = await runOnChain(chain, [...REVOKE, "--dry-run"], { as: chain.owner });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /gas +at most \d+, for at most 0\.\d+ VANA/);
  assert.match(stderr, /nothing was sent/);
  assert.equal(await chain.isApproved(1n), true);
});

testApproved(
  "revoke --unsigned needs no key, and prints what another wallet can send",
  async (chain) => {
    const { code, stdout } = await runOnChain(chain, [...REVOKE, "--unsigned"]);
    assert.equal(code, 0);
    const { to, data, value, chainId, ...more } = JSON.parse(stdout);
    assert.deepEqual({ value, chainId, more }, { value: "0", chainId: 14800, more: {} });
    assert.equal(await chain.isApproved(1n), true, "nothing was sent");
    const hash = await sendAs(chain, chain.owner, { to, data });
    await chain.client.waitForTransactionReceipt({ hash });
    assert.equal(await chain.isApproved(1n), false);
  },
);

testApproved("revoke without --yes refuses where there is no terminal to ask on", async (chain) => {
  const { stderr } = await refused(chain, REVOKE);
  assert.match(stderr, /there is no terminal to ask on\. Give --yes/);
});

const onTerminal = !canRunEvm || !hasProgram("script");

for (
  const [answer, sends] of [
    ["no\r", false],
    ["\r", false],
    ["y\r", false],
    ["yes\r", false],
    ["11\r", false],
    ["\x03", false],
    ["\x04", false],
    ["1\r", true],
  ] as const
) {
  testApproved(`revoke of instruction 1 on a terminal, answered ${JSON.stringify(answer)}`, async (
    chain,
  ) => {
    const shown = await answerOnTerminal(chain, REVOKE, answer);
    assert.match(shown, /Revoke instruction 1 for DLP 7 on Vana Moksha Testnet\?/);
    if (!sends) assert.match(shown, /Cancelled: nothing was sent/);
    assert.equal(await chain.isApproved(1n), !sends, shown);
  }, onTerminal);
}

testApproved("revoke takes nothing that was typed before its question", async (chain) => {
  const shown = await answerOnTerminal(chain, REVOKE, "\r", { before: "1\r1\r" });
  assert.match(shown, /Cancelled: nothing was sent/);
  assert.equal(await chain.isApproved(1n), true, shown);
}, onTerminal);

testApproved("revoke without money says what there is and what it takes", async (chain) => {
  await chain.client.setBalance({ address: chain.owner.account.address, value: 1000n });
  const { stderr } = await refused(chain, [...REVOKE, "--yes"]);
  assert.match(stderr, /it has 0\.000000000000001 VANA and needs 0\.\d+ VANA/);
  assert.match(stderr, /faucet, https:\/\/faucet\.vana\.org/);
});

testApproved("revoke by another account than the DLP's owner says so", async (chain) => {
  const { stderr } = await refused(chain, [...REVOKE, "--yes"], { as: chain.builder });
  const { address } = chain.builder.account;
  assert.match(stderr, new RegExp(`account ${address} isn't the owner of DLP 7`));
});

testApproved("approve of an unknown id says so", async (chain) => {
  const { stderr } = await refused(chain, [
    "approve",
    "5",
    "--dlp",
    "7",
    "--yes",
    "--without-source",
  ]);
  assert.match(stderr, /There is no instruction 5 .*, which has 1/);
});

testApproved("revoke says that the ComputeInstructionRegistry is paused", async (chain) => {
  await chain.setPaused(true);
  const { stderr } = await refused(chain, [...REVOKE, "--yes"]);
  assert.match(stderr, /The ComputeInstructionRegistry is paused/);
});

testOnChain("approve doesn't take an earlier approval for a proof", async (chain) => {
  await chain.approve(await chain.add({ sha256: "0".repeat(64), url: "http://127.0.0.1:9/a" }));
  const args = ["approve", "1", "--dlp", "7", "--yes", "--without-source", "--allow-http"];
  const { code, stderr } = await runOnChain(chain, args, { as: chain.owner });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /Instruction 1 is approved already; revoke it if in doubt: .* can't be reached/,
  );
  assert.equal(await chain.sentBy(chain.owner), 1, "only the approval was sent");
});

testApproved(
  "revoke that isn't mined in time prints the hash, by which status tells later",
  async (chain) => {
    await chain.stopMining();
    const { stderr } = await refused(chain, [...REVOKE, "--yes", "--timeout", "1"]);
    const hash = hashIn(stderr);
    assert.match(stderr, /isn't mined after 1 s\. It may be yet, and it is not sent again/);

    const waiting = await runOnChain(chain, ["status", hash]);
    assert.equal(waiting.code, 2);
    assert.match(waiting.stderr, /is waiting to be mined/);

    const again = await refused(chain, [...REVOKE, "--yes", "--timeout", "1"]);
    assert.match(again.stderr, /has a transaction \(nonce 1\) that is still pending/);

    await chain.client.mine({ blocks: 1 });
    assert.equal(await chain.sentBy(chain.owner), 2, "it was sent once");
    const mined = await runOnChain(chain, ["status", hash]);
    assert.equal(mined.code, 1, mined.stderr);
    assert.match(mined.stdout, /no, not for DLP 7/);
  },
);

testApproved("revoke that the network drops says so", async (chain) => {
  await chain.stopMining();
  const running = spawnOnChain(chain, [...REVOKE, "--yes", "--timeout", "4"], { as: chain.owner });
  const { hash } = await pendingOf(chain, chain.owner);
  await chain.client.dropTransaction({ hash });
  const { code, stderr } = await outcomeOf(running);
  assert.equal(code, 1);
  assert.match(stderr, /was dropped: after 4 s it is neither mined nor waiting/);
  assert.equal((await runOnChain(chain, ["status", hash])).code, 2);
});

testApproved("revoke that another transaction replaced says so", async (chain) => {
  await chain.stopMining();
  const running = spawnOnChain(chain, [...REVOKE, "--yes"], { as: chain.owner });
  const pending = await pendingOf(chain, chain.owner);
  await replace(chain, chain.owner, { ...pending, to: chain.owner.account.address, data: "0x" });
  const { code, stderr } = await outcomeOf(running);
  assert.equal(code, 1);
  assert.match(stderr, /was replaced: 0x[0-9a-f]{64} of the same account took its nonce 1/);
});

testApproved("revoke whose fee was raised in a wallet is done", async (chain) => {
  await chain.stopMining();
  const running = spawnOnChain(chain, [...REVOKE, "--yes"], { as: chain.owner });
  await replace(chain, chain.owner, await pendingOf(chain, chain.owner));
  const { code, stdout, stderr } = await outcomeOf(running);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Revoked instruction 1 for DLP 7/);
});

testApproved("revoke that fails in its block says why", async (chain) => {
  await chain.stopMining();
  const running = spawnOnChain(chain, [...REVOKE, "--yes"], { as: chain.owner });
  const { hash } = await pendingOf(chain, chain.owner);
  // Paused after the simulation and before the block.
  const pausedFirst = chain.setPaused(true, { tip: 10n ** 11n });
  await pendingOf(chain, chain.operator);
  await chain.client.mine({ blocks: 1 });
  await pausedFirst;
  const { code, stderr } = await outcomeOf(running);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`${hash} failed in block \\d+: The ComputeInstructionRegistry is paused`),
  );
});

testApproved("revoke whose answer is lost on the way is sent once and done", async (chain) => {
  await using rpc = new FaultyRpc(chain.url, answerLost("eth_sendRawTransaction"));
  const env = { PRIVATE_KEY: chain.owner.key };
  const { code, stdout, stderr } = await runTask(
    "revoke",
    [...REVOKE.slice(1), "--yes", "--rpc", rpc.url],
    env,
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Revoked instruction 1/);
  assert.equal(rpc.faults, 1, "it was sent to the RPC once");
  assert.equal(await chain.sentBy(chain.owner), 2);
});

testApproved("revoke that may have been lost on the way says how to find out", async (chain) => {
  await using rpc = new FaultyRpc(chain.url, lost("eth_sendRawTransaction"));
  const env = { PRIVATE_KEY: chain.owner.key };
  const args = [...REVOKE.slice(1), "--yes", "--rpc", rpc.url];
  const { code, stderr } = await runTask("revoke", args, env);
  assert.equal(code, 1);
  assert.match(stderr, /answers HTTP 502.* The transaction 0x\w+ may have been accepted/);
  assert.equal(rpc.faults, 1, "it was sent to the RPC once");
  assert.match(stderr, new RegExp(`deno task status ${hashIn(stderr)} --network moksha`));
});

testApproved("revoke of what is no number says what was expected", async (chain) => {
  const { stderr } = await refused(chain, ["revoke", "1", "--dlp", "0x7", "--yes"]);
  assert.match(stderr, /'0x7' is invalid\. expected a whole number above 0/);
});

Deno.test({
  name: "revoke --contracts sends to the contract that the file names",
  ignore: !canRunEvm,
  async fn() {
    const registry = newPerson().account.address;
    await using chain = await LocalChain.start({ registry });
    await chain.approve(await chain.add(SOME_INSTRUCTION));
    using folder = new TemporaryFolder({ prefix: "contracts-test-" });
    const file = folder.join("contracts.json");
    Deno.writeTextFileSync(file, JSON.stringify({ ComputeInstructionRegistry: registry }));
    const args = [...REVOKE, "--yes", "--contracts", file];
    const { code, stderr } = await runOnChain(chain, args, { as: chain.owner });
    assert.equal(code, 0, stderr);
    assert.equal(await chain.isApproved(1n), false);
    assert.match(stderr, new RegExp(`status 0x\\w+ --network moksha --contracts ${file} --rpc`));
  },
});

function hashIn(text: string): Hex {
  return HASH.exec(text)?.[0] as Hex;
}

/** Asks again and again until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    signal.throwIfAborted();
    await new Promise((done) => setTimeout(done, 20));
  }
}

interface Pending {
  hash: Hex;
  nonce: number;
  to: Hex;
  data: Hex;
}

/** Waits for a transaction of a person's that waits to be mined. */
async function pendingOf({ client }: LocalChain, { account }: Person): Promise<Pending> {
  return await until(async () => {
    const { pending } = await client.getTxpoolContent();
    const all = Object.values(pending).flatMap((ofOne) => Object.values(ofOne));
    const own = all.find(({ from }) => isAddressEqual(from, account.address));
    if (own === undefined) return undefined;
    return { hash: own.hash, nonce: Number(own.nonce), to: own.to!, data: own.input };
  });
}

/** Sends what a wallet would to replace a waiting transaction, and lets it be mined. */
async function replace(chain: LocalChain, person: Person, next: Pending): Promise<void> {
  const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n };
  const { nonce, to, data } = next;
  await sendAs(chain, person, { nonce, to, data, gas: 200_000n, ...fees });
  await chain.client.mine({ blocks: 1 });
}

interface Sent {
  to: Hex;
  data: Hex;
  nonce?: number;
  gas?: bigint;
  maxFeePerGas?: bigint;
  maxPriorityFeePerGas?: bigint;
}

/** Sends a transaction, and returns its hash; it may not be mined yet. */
async function sendAs({ url }: LocalChain, { account }: Person, transaction: Sent): Promise<Hex> {
  const wallet = createWalletClient({ account, chain: vanaMoksha, transport: http(url) });
  return await wallet.sendTransaction(transaction);
}

/**
 * Runs a task on a terminal that `script` makes, and types an answer to its question.
 *
 * @param before What is typed before there is a question.
 */
async function answerOnTerminal(
  { url, owner }: LocalChain,
  [name, ...args]: string[],
  answer: string,
  { before = "" }: { before?: string } = {},
): Promise<string> {
  const program = [Deno.execPath(), "run", "-A", "--config=deno.json", `tasks/${name}.ts`];
  const line = [...program, ...args, "--rpc", url].map((arg) => `'${arg}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", `stty cols 200 rows 20; ${line}`, "/dev/null"],
    env: { TERM: "xterm", PRIVATE_KEY: owner.key },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const type = (text: string) => writer.write(new TextEncoder().encode(text));
  await type(before);
  let shown = "";
  let answered = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    shown += text;
    if (answered || !/Type \S+ to go on: /.test(shown)) continue;
    await type(answer);
    answered = true;
  }
  await writer.close().catch(() => {});
  await child.status;
  return shown;
}
