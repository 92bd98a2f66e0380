/**
 * A store whose payloads go through a codec: encoded before they are handed to it, decoded as they come.
 *
 * 1. What is asked is asked in the order in which it was: one that needs no encoding waits for those before it that do.
 * 2. Metadata is stored as it is. Records, events and what tasks are found by hold no payloads.
 * 3. What cannot be decoded hides nothing else: it stays as it is, for whoever asks for it.
 */
import type { Codec } from '../ports/codec.ts';
import { isObject } from '../wire/check.ts';
import { isSealed } from './envelope.ts';
import { Sealer } from './sealer.ts';
import { clearTogether, partTogether, type Together } from './together.ts';
import type { Ops, PayloadKind, Store } from './types.ts';

/** What is encoded. */
const KINDS: readonly PayloadKind[] = ['input', 'config', 'result', 'late_result', 'error_details'];

/** The first codec encodes; what the others have made is still read. */
export function encodedStore(store: Store, codecs: readonly Codec[]): Store {
  const encoded = new EncodedStore(store, codecs);
  return {
    path: store.path,
    folder: store.folder,
    run: (op, args) => encoded.run(op, args),
    watch: (listener) => store.watch(listener),
    keepLease: (worker) => store.keepLease(worker),
    dropLease: (worker) => store.dropLease(worker),
    close: () => store.close(),
  };
}

/** Makes another text of a payload; `isKeyed`: equal ones must be told. */
type Change = (text: string, kind: string, isKeyed: boolean) => string | Promise<string>;

class EncodedStore {
  readonly #store: Store;
  readonly #sealer: Sealer;
  /** What is being encoded, in order. */
  #last: Promise<unknown> = Promise.resolve();
  #encoding = 0;

  constructor(store: Store, codecs: readonly Codec[]) {
    this.#store = store;
    this.#sealer = new Sealer(store.folder, codecs);
  }

  async run<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>> {
    const answer = await this.#ask(op, args);
    const step = op === 'step' && answer !== null ? (answer as { data: string }) : undefined;
    if (step !== undefined) return { ...step, data: await this.#decode(step.data) } as ReturnType<Ops[K]>;
    return (await changed(answer, (text) => this.#decode(text))) as ReturnType<Ops[K]>;
  }

  async #ask<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>> {
    if (this.#encoding === 0 && !hasPayload(args)) return this.#store.run(op, args);
    this.#encoding++;
    const asked = this.#last
      .then(() => changed(args, (text, kind, isKeyed) => this.#sealer.encode(text, kind, isKeyed)))
      .then((encoded) => ({ answer: this.#store.run(op, encoded as Parameters<Ops[K]>[0]) }))
      .finally(() => this.#encoding--);
    this.#last = asked.catch(() => {});
    return (await asked).answer;
  }

  async #decode(text: string): Promise<string> {
    const together = partTogether(text);
    return together === undefined ? this.#sealer.decode(text) : this.#decodeTogether(text, together);
  }

  /** Each part by its own codec. Without what was given there is nothing; a result that cannot be read hides no other. */
  async #decodeTogether(text: string, { given, ended }: Together): Promise<string> {
    const clear = await this.#sealer.decode(given);
    if (isSealed(clear)) return clear === given ? text : clear;
    const told = ended.map(async (end) => ({
      ...end,
      result: end.result === null ? null : await this.#sealer.decode(end.result),
    }));
    return JSON.stringify(clearTogether({ given: clear, ended: await Promise.all(told) }));
  }
}

/** What is asked of operations, and answered, holds payloads under `payloads`, and a step that is to be stored under `step`. */
async function changed(value: unknown, change: Change): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((one) => changed(one, change)));
  if (!isObject(value) || !hasPayload(value)) return value;
  const isKeyed = isObject(value.spec) && value.spec.idempotency_key != null;
  const parts = Object.entries(value).map(async ([key, part]) => [key, await changedPart(key, part, isKeyed, change)]);
  return Object.fromEntries(await Promise.all(parts));
}

async function changedPart(key: string, part: unknown, isKeyed: boolean, change: Change): Promise<unknown> {
  if (key === 'step' && isObject(part)) return { ...part, data: await change(String(part.data), 'step', false) };
  if (key !== 'payloads' || !isObject(part)) return changed(part, change);
  const kinds = Object.entries(part).map(async ([kind, text]) => {
    return [kind, isEncoded(kind) && typeof text === 'string' ? await change(text, kind, isKeyed) : text];
  });
  return Object.fromEntries(await Promise.all(kinds));
}

const isEncoded = (kind: string): boolean => (KINDS as readonly string[]).includes(kind);

function hasPayload(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasPayload);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, part]) => isPayload(key, part) || hasPayload(part));
}

const isPayload = (key: string, part: unknown): boolean =>
  isObject(part) && ((key === 'payloads' && Object.keys(part).some(isEncoded)) || (key === 'step' && 'data' in part));
