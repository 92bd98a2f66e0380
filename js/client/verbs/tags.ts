import { invalid } from '../../errors/argument.ts';
import { checkWhole } from '../../wire/check.ts';

/** Tags of a task, and the characters of one. */
const MOST = 20;
const LONGEST = 100;

/** The tags, each once, in the order in which they were given. `InvalidArgumentError` names what is wrong. */
export function checkedTags(tags: readonly string[] | undefined): string[] {
  if (tags === undefined) return [];
  if (!Array.isArray(tags)) throw invalid('tags', tags, 'an array of texts');
  for (const tag of tags) {
    checkWhole('tags', tag);
    const fits = typeof tag === 'string' && tag !== '' && tag.length <= LONGEST;
    if (!fits) throw invalid('tags', tag, `texts of 1 to ${LONGEST} characters`);
  }
  const each = [...new Set(tags)];
  if (each.length > MOST) throw invalid('tags', `${each.length} tags`, `${MOST} at most`);
  return each;
}
