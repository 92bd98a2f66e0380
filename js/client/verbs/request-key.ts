/** What a request is, by a digest: one that comes again is known by its key, and must be the same. */
import { createHash } from 'node:crypto';
import { invalid } from '../../errors/argument.ts';
import type { RequestKey } from '../../store/types.ts';
import { checkWhole } from '../../wire/check.ts';
import type { SubmitOnce } from '../../wire/requests.ts';
import type { SubmitRequest } from '../verbs.ts';

/** Characters of a key. */
const LONGEST = 128;

/** Null where no key is given. A recipe in code is meant by its name; whose span it was asked for in says nothing. */
export function requestKeyOf(requests: readonly SubmitRequest[], { requestKey }: SubmitOnce): RequestKey | null {
  if (requestKey === undefined) return null;
  checkWhole('requestKey', requestKey);
  if (typeof requestKey !== 'string' || requestKey === '' || requestKey.length > LONGEST) {
    throw invalid('requestKey', requestKey, `a text of 1 to ${LONGEST} characters`);
  }
  const named = requests.map(({ recipe, trace: _, ...rest }) => ({ ...rest, recipe: nameOf(recipe) }));
  return { key: requestKey, digest: createHash('sha256').update(canonical(named)).digest('hex') };
}

const nameOf = (recipe: SubmitRequest['recipe']): string | undefined =>
  typeof recipe === 'object' ? recipe.name : recipe;

/** JSON in which the order of keys says nothing. What JSON cannot carry is refused by the submit itself. */
function canonical(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => {
      if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  } catch {
    return '';
  }
}
