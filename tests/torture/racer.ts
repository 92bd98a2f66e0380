/** One of the two processes of a race: opens the store once, then does what it is told, when it is told. */
import { isTaskError } from '#offstage/errors/index.js';
import { due, type Recovery, recover } from '#offstage/reap/index.js';
import { openStore } from '#offstage/store/index.js';
import type { Ops } from '#offstage/store/types.js';

/** What one side of a race does: an operation, at a moment of wall time. */
export interface Leg {
  op: keyof Ops;
  args: unknown;
  now: number;
}

export type Result = { answer: unknown } | { refused: string };

let now = 0;
const store = await openStore(process.argv[2] as string, { mount: 'direct', now: () => now });

/** What is judged, and ended, outside of the transaction that decides it. */
const OUTSIDE: { [K in keyof Ops]?: (args: unknown) => Promise<unknown> } = {
  due: () => due(store),
  recover: (args) => recover(store, args as Recovery),
};

process.on('message', async (leg: Leg) => {
  now = leg.now;
  let result: Result;
  try {
    result = { answer: await (OUTSIDE[leg.op]?.(leg.args) ?? store.run(leg.op, leg.args as never)) };
  } catch (error) {
    if (!isTaskError(error)) throw error;
    result = { refused: error.code };
  }
  process.send?.(result);
});
process.on('disconnect', () => void store.close().then(() => process.exit()));
process.send?.('ready');
