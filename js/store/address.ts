/** What is no path: a store by an address. None becomes a folder of that name, and no password of one is shown. */
import { InvalidArgumentError, invalid } from '../errors/argument.ts';
import { isText } from '../wire/text.ts';

const EXPECTED = 'a path';

/** Why an address of the scheme cannot be used yet; of all others it is not known. */
const SCHEMES: Readonly<Record<string, string>> = {
  postgres: 'stores on PostgreSQL are not built yet',
  postgresql: 'stores on PostgreSQL are not built yet',
  http: 'stores behind a server are not built yet',
  https: 'stores behind a server are not built yet',
  redis: 'Redis is no home for a store, and postgres:// is not built yet',
  rediss: 'Redis is no home for a store, and postgres:// is not built yet',
  file: 'give the path itself',
};

/** A store that ends with its process. */
export const MEMORY = ':memory:';

const schemeOf = (store: string): string | undefined => /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(store)?.[1]?.toLowerCase();

/** Tells an address from a path. */
export const isAddress = (store: string): boolean => store === MEMORY || schemeOf(store) !== undefined;

/** Throws `InvalidArgumentError` for a store that is no path; it names the scheme and nothing else of it. */
export function refuseAddress(store: string): void {
  // Node makes U+FFFD of what is no UTF-8, and of half a pair: the store would be another one than was named.
  if (typeof store !== 'string' || !isText(store) || store.includes('\ufffd')) {
    throw invalid('store', store, 'a path in UTF-8');
  }
  if (store === MEMORY)
    throw refusal(`"${MEMORY}"`, 'a store in memory is for openBackground: no other process could see it');
  const scheme = schemeOf(store);
  if (scheme === undefined) return;
  const why = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : 'this scheme is not known';
  throw refusal(`an address with ${scheme}://`, why as string);
}

const refusal = (got: string, why: string): InvalidArgumentError =>
  new InvalidArgumentError(`store: got ${got}, expected ${EXPECTED}; ${why}`, { option: 'store', expected: EXPECTED });
