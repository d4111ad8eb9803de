/** How a change is made, whichever contract it is of; here of one that takes money. */

import assert from "node:assert/strict";
import { type Address, parseAbi } from "viem";
import { type ContractCall, contractCall } from "../../../../tasks/lib/chain/call.ts";
import {
  type Change,
  type Conversation,
  makeChange,
  type Signing,
} from "../../../../tasks/lib/chain/change.ts";
import { connect } from "../../../../tasks/lib/chain/connection.ts";
import { canRunEvm, LocalChain } from "../../../support/evm.ts";
import { newPerson } from "../../../support/people.ts";

const VAULT: Address = "0x00000000000000000000000000000000000fa017";
const ABI = parseAbi(["function deposit(uint256 most) payable", "error TooMuch(uint256 most)"]);
const ETHER = 10n ** 18n;

function deposit(value: bigint, { most = ETHER, address = VAULT } = {}): ContractCall {
  return contractCall({
    address,
    abi: ABI,
    functionName: "deposit",
    args: [most],
    value,
    explain: ({ errorName, args }) =>
      errorName === "TooMuch" ? `The vault takes at most ${args[0]} wei` : undefined,
  });
}

/** A conversation that takes down what happens. */
class Recorded implements Conversation {
  readonly events: string[] = [];
  constructor(readonly refuseAt?: string) {}

  warn(text: string): void {
    this.#record(`warn ${text}`);
  }

  showPlan(_: unknown, __: unknown, { transaction }: { transaction: { value: bigint } }): void {
    this.#record(`plan ${transaction.value}`);
  }

  confirm({ text }: { text: string }): Promise<void> {
    this.#record(`confirm ${text}`);
    return Promise.resolve();
  }

  sending(): void {
    this.#record("sending");
  }

  #record(event: string): void {
    this.events.push(event);
    if (this.refuseAt !== undefined && event.startsWith(this.refuseAt)) throw new Error("refused");
  }
}

async function make(
  chain: LocalChain,
  change: Partial<Change> & { call: ContractCall },
  conversation: Recorded,
  kind: Signing["kind"] = "send",
) {
  await chain.addContract("Vault", VAULT);
  const connection = connect({ network: "moksha", rpc: chain.url });
  const question = { text: "Deposit?", answer: "yes" };
  const { account } = chain.builder;
  const signing: Signing = kind === "unsigned" ? { kind } : { kind, account, timeout: 60 };
  return await makeChange(connection, { question, ...change }, signing, conversation);
}

function testOnChain(name: string, fn: (chain: LocalChain) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canRunEvm,
    // A connection and its timers last as long as the task's process.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using chain = await LocalChain.start();
      await fn(chain);
    },
  });
}

testOnChain("a change is checked, shown, asked about and sent, in this order", async (chain) => {
  const conversation = new Recorded();
  const check = () => Promise.resolve(void conversation.events.push("check"));
  const outcome = await make(chain, { call: deposit(5n), check }, conversation);
  assert.equal(outcome.kind, "sent");
  assert.deepEqual(conversation.events, ["check", "plan 5", "confirm Deposit?", "sending"]);
  assert.equal(await chain.client.getBalance({ address: VAULT }), 5n);
});

for (const refuseAt of ["check", "plan", "confirm", "sending"]) {
  testOnChain(`a change that ends at "${refuseAt}" sends nothing`, async (chain) => {
    const conversation = new Recorded(refuseAt);
    const check = () =>
      refuseAt === "check" ? Promise.reject(new Error("refused")) : Promise.resolve();
    const sent = await chain.sentBy(chain.builder);
    await assert.rejects(make(chain, { call: deposit(5n), check }, conversation), /refused/);
    assert.equal(await chain.sentBy(chain.builder), sent);
  });
}

testOnChain("a change is simulated before anything is shown or asked", async (chain) => {
  const conversation = new Recorded();
  await assert.rejects(
    make(chain, { call: deposit(5n, { most: 4n }) }, conversation),
    /^ToolError: The vault takes at most 4 wei$/,
  );
  assert.deepEqual(conversation.events, []);
});

testOnChain("money isn't sent to an address without a contract", async (chain) => {
  const address = newPerson().account.address;
  const conversation = new Recorded();
  await assert.rejects(
    make(chain, { call: deposit(5n, { address }) }, conversation),
    /There is no contract at 0x/,
  );
  assert.equal(await chain.client.getBalance({ address }), 0n);
  assert.deepEqual(conversation.events, []);
});

testOnChain("a change that costs more than the account has names the faucet", async (chain) => {
  const call = deposit(5n * ETHER, { most: 9n * ETHER });
  await assert.rejects(
    make(chain, { call }, new Recorded()),
    /it has 1 VANA and needs 5 VANA\. Test VANA is free: .* https:\/\/faucet\.vana\.org/,
  );
});

testOnChain("an account must have the gas, too", async (chain) => {
  const address = chain.builder.account.address;
  const all = await chain.client.getBalance({ address });
  await assert.rejects(make(chain, { call: deposit(all) }, new Recorded()), /can't pay/);
});

testOnChain("a simulated change sends nothing", async (chain) => {
  const conversation = new Recorded();
  const outcome = await make(chain, { call: deposit(5n) }, conversation, "simulate");
  assert.equal(outcome.kind, "simulated");
  assert.deepEqual(conversation.events, ["plan 5"]);
  assert.equal(await chain.client.getBalance({ address: VAULT }), 0n);
});

testOnChain("an unsigned change holds the money that goes with it", async (chain) => {
  const outcome = await make(chain, { call: deposit(5n) }, new Recorded(), "unsigned");
  assert.ok(outcome.kind === "unsigned");
  const { to, value, chainId } = outcome.transaction;
  assert.deepEqual({ to, value, chainId }, { to: VAULT, value: "5", chainId: 14800 });
});

testOnChain("an unneeded change sends nothing", async (chain) => {
  const conversation = new Recorded();
  const unneeded = () => Promise.resolve("It is there");
  const outcome = await make(chain, { call: deposit(5n), unneeded }, conversation);
  assert.deepEqual(outcome, { kind: "unneeded", reason: "It is there" });
  assert.deepEqual(conversation.events, []);
});
