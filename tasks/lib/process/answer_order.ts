/**
 * What a confined process does: it takes one order, and answers it.
 *
 * @module
 */

/**
 * Takes the order of `runConfined` and answers it. It is called once, at the end of a module.
 *
 * @param answer Gives the answer, which JSON must be able to hold.
 */
export async function answerOrder(answer: (order: unknown) => unknown): Promise<void> {
  // From now on time counts; that in which libraries are downloaded doesn't.
  await write("\n");
  const order: unknown = await new Response(Deno.stdin.readable).json();
  await write(JSON.stringify(await answer(order)));
}

async function write(text: string): Promise<void> {
  await new Blob([text]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
}
