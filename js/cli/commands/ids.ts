/** Which tasks were meant. */

import { InvalidArgumentError } from '../../errors/argument.ts';
import type { TaskVerbs } from '../../ports/verbs.ts';
import type { Call } from '../command.ts';

type Given = Pick<Call, 'args'> & { flags: { id: string | undefined } };

/** The id as it was typed, from the argument or `--id`. */
export function givenId({ args: [arg], flags: { id } }: Given): string {
  if (arg !== undefined && id !== undefined && arg !== id) {
    throw new InvalidArgumentError(
      `--id: got ${JSON.stringify(id)} beside the argument ${JSON.stringify(arg)}, expected one id`,
    );
  }
  const given = arg ?? id;
  if (given === undefined) {
    throw new InvalidArgumentError('no task given, expected an id, or 4 or more of its first hex digits', {
      option: 'id',
    });
  }
  return given;
}

/** The option of verbs that take several tasks. */
export const IDS_OPTION = {
  type: 'string',
  multiple: true,
  value: 'ID',
  help: 'a task; the same as an argument',
} as const;

/** So many arguments may be given as there are tasks. */
export const ANY_NUMBER = { min: 0, max: Number.MAX_SAFE_INTEGER } as const;

/** The ids as they were typed, from the arguments and `--id`; one at least. */
export function givenIds({ args, flags: { id } }: Pick<Call, 'args'> & { flags: { id: readonly string[] } }): string[] {
  const given = [...args, ...id];
  if (given.length > 0) return given;
  throw new InvalidArgumentError(
    'no task given, expected an id or several, or 4 or more of the first hex digits of each',
    {
      option: 'id',
    },
  );
}

/** The tasks that were meant, by their full ids, and what asks about them. Refused before anything is opened: none given. */
export async function openTasks(
  call: Call & { flags: { id: readonly string[] } },
): Promise<{ verbs: TaskVerbs; ids: string[]; several: boolean }> {
  const given = givenIds(call);
  const verbs = await call.verbs();
  return { verbs, ids: await resolveAll(verbs, given), several: given.length > 1 };
}

/** The full id of each, in the order given and without repetitions. All are found before anything is done to one. */
export async function resolveAll(verbs: TaskVerbs, given: readonly string[]): Promise<string[]> {
  const ids = new Set<string>();
  for (const one of given) ids.add(await verbs.resolve(one));
  return [...ids];
}
