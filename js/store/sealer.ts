/** Makes other texts of payloads by codecs, and payloads of them. */
import { SerializationError } from '../errors/refusal.ts';
import type { Codec } from '../ports/codec.ts';
import { isObject } from '../wire/check.ts';
import { messageOf } from '../wire/message.ts';
import { faulty, seal, unseal } from './envelope.ts';
import { keyedHash, storeKey } from './key.ts';

/** Hex digits by which equal values are told. */
const DIGITS = 32;

/** Of one store. The first codec encodes; what the others have made is still read. */
export class Sealer {
  readonly #folder: string;
  readonly #codecs: readonly Codec[];

  constructor(folder: string, codecs: readonly Codec[]) {
    this.#folder = folder;
    this.#codecs = codecs;
  }

  /** `isKeyed`: equal ones must be told. Rejects with a `SerializationError` that names `kind`. */
  async encode(text: string, kind: string, isKeyed: boolean): Promise<string> {
    const { name: codec } = this.#codecs[0] as Codec;
    const same = isKeyed ? keyedHash(storeKey(this.#folder), `${kind}\n${canonical(text)}`, DIGITS) : '';
    try {
      const data = await this.#codecs[0]?.encode(text);
      if (!(data instanceof Uint8Array)) throw new TypeError(`it gave ${typeof data}, expected a Uint8Array`);
      return seal({ codec, same, data });
    } catch (cause) {
      throw new SerializationError(`${kind}: the codec '${codec}' cannot encode it: ${messageOf(cause)}`, { cause });
    }
  }

  /** What cannot be decoded here stays sealed, or says why. */
  async decode(text: string): Promise<string> {
    const sealed = unseal(text);
    const codec = this.#codecs.find(({ name }) => name === sealed?.codec);
    if (sealed === undefined || codec === undefined) return text;
    try {
      const decoded = await codec.decode(sealed.data);
      JSON.parse(decoded); // a wrong key may give anything
      return decoded;
    } catch (error) {
      return faulty(codec.name, messageOf(error));
    }
  }
}

/** The order of an object's keys says nothing. */
function canonical(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}
