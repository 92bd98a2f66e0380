/** What lies beside a task's record. */
import type { Program } from '../../ports/backend.ts';
import { countBytes } from '../sql/counts.ts';
import { addPayload, payloadsOf, removePayload } from '../sql/payloads.ts';
import type { Handed, PayloadKind, PayloadRefs, Payloads } from '../types.ts';

/** Stores payloads and what was left out of them; one of the same kind is replaced, which a `fresh` task has none of. */
export function* writePayloads(seq: number, payloads: Payloads, refs: PayloadRefs = {}, fresh = false): Program<void> {
  let more = 0;
  for (const [kind, data] of Object.entries(payloads) as [PayloadKind, string | undefined][]) {
    if (data === undefined) continue;
    const before = fresh ? undefined : yield* removePayload(seq, kind);
    more += Buffer.byteLength(data) - (before?.n ?? 0);
    yield* addPayload(seq, kind, data, refs[kind] ?? null);
  }
  yield* countMore(more);
}

/** Removes one, if it is there. */
export function* dropPayload(seq: number, kind: PayloadKind): Program<void> {
  const before = yield* removePayload(seq, kind);
  yield* countMore(-(before?.n ?? 0));
}

/** How many bytes of payloads the store has by now. */
export function* countMore(bytes: number): Program<void> {
  if (bytes !== 0) yield* countBytes(bytes);
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
