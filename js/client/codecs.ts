/** The codecs of a client: those that it was given, else those of the configuration. */
import { invalid } from '../errors/index.ts';
import type { Codec } from '../ports/codec.ts';
import { checkHanded } from './handed.ts';
import { defaultOf } from './named-modules.ts';

const KEYS: Record<keyof Codec, true> = { name: true, encode: true, decode: true };
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** `InvalidArgumentError` for what is no codec, or no list of them; `of` says where it stands. */
export function checkedCodecs(given: unknown, of = 'codec'): readonly Codec[] {
  const codecs: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (codecs.length === 0) throw invalid(of, given, 'a codec, or a list of them');
  const names = codecs.map((codec) => checkedName(codec, of));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(`${of}.name`, twice, 'one codec of each name');
  return codecs as readonly Codec[];
}

function checkedName(codec: unknown, of: string): string {
  checkHanded(codec, KEYS, of, 'a codec, or a list of them');
  const { name, encode, decode } = codec as Partial<Codec>;
  if (typeof name !== 'string' || !NAME.test(name)) throw invalid(`${of}.name`, name, `a name like ${NAME.source}`);
  for (const [key, value] of Object.entries({ encode, decode })) {
    if (typeof value !== 'function') throw invalid(`${of}.${key}`, value, 'a function');
  }
  return name;
}

/** Loads those of a module, its default export. */
export const loadCodecs = async (path: string): Promise<readonly Codec[]> =>
  checkedCodecs(await defaultOf('codec', path), `codec of ${path}`);
