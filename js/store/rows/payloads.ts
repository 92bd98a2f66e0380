/** What lies beside a task's record. */
import type { Program } from '../../ports/backend.ts';
import type { Context } from '../operation-context.ts';
import { addPayloads, type PayloadRow, payloadsOf, payloadsOfAll, removePayload } from '../sql/payloads.ts';
import { together } from '../sql/statement.ts';
import type { Handed, PayloadKind, PayloadRefs, Payloads } from '../types.ts';

/** Payloads of which a task never has had one before: it was given them, or has ended with them. */
const ONCE: readonly PayloadKind[] = ['input', 'config', 'metadata', 'result'];

/** Stores payloads and what was left out of them; one of the same kind is replaced. */
export function* writePayloads(
  context: Context,
  seq: number,
  payloads: Payloads,
  refs: PayloadRefs = {},
): Program<void> {
  for (const kind of kindsOf(payloads)) if (!ONCE.includes(kind)) yield* dropPayload(context, seq, kind);
  yield* together(addPayloads(payloadRows(context, seq, payloads, refs)));
}

/** The rows of payloads of which the task has none of the same kind; they are counted. */
export function payloadRows({ tally }: Context, seq: number, payloads: Payloads, refs: PayloadRefs = {}): PayloadRow[] {
  return kindsOf(payloads).map((kind) => {
    const data = payloads[kind] as string;
    tally.add('payload_bytes', Buffer.byteLength(data));
    return [seq, kind, data, refs[kind] ?? null];
  });
}

const kindsOf = (payloads: Payloads): PayloadKind[] =>
  (Object.keys(payloads) as PayloadKind[]).filter((kind) => payloads[kind] !== undefined);

/** Removes one, if it is there. */
export function* dropPayload({ tally }: Context, seq: number, kind: PayloadKind): Program<void> {
  const before = yield* removePayload(seq, kind);
  tally.add('payload_bytes', -(before?.n ?? 0));
}

/** Reads the payloads of the given kinds. */
export function* readPayloads(seq: number, kinds: readonly PayloadKind[]): Program<Payloads> {
  if (kinds.length === 0) return {};
  const rows = yield* payloadsOf(seq, JSON.stringify(kinds));
  return Object.fromEntries(rows.map(({ kind, data }) => [kind, data]));
}

/** The same with what is stored beside them. */
export function* readHanded(seq: number, kinds: readonly PayloadKind[]): Program<Handed> {
  const rows = yield* payloadsOf(seq, JSON.stringify(kinds));
  return {
    payloads: Object.fromEntries(rows.map(({ kind, data }) => [kind, data])),
    refs: Object.fromEntries(rows.flatMap(({ kind, refs }) => (refs === null ? [] : [[kind, refs]]))),
  };
}

/** The same of several, by their `seq`. */
export function* readAllHanded(
  seqs: readonly number[],
  kinds: readonly PayloadKind[],
): Program<ReadonlyMap<number, Handed>> {
  const handed = new Map(seqs.map((seq) => [seq, { payloads: {} as Payloads, refs: {} as PayloadRefs }]));
  if (seqs.length === 0) return handed;
  for (const { task, kind, data, refs } of yield* payloadsOfAll(JSON.stringify(seqs), JSON.stringify(kinds))) {
    const one = handed.get(task) as Handed;
    one.payloads[kind] = data;
    if (refs !== null) one.refs[kind] = refs;
  }
  return handed;
}
