/** What tells the lines of several tasks apart. */
import type { TaskVerbs } from '../../ports/verbs.ts';
import { fit } from '../human/line.ts';
import { type Look, shown } from '../human/look.ts';

/** Columns of a name in front of a line. */
const WIDEST = 24;

export interface Labels {
  nameOf(id: string): string;
  /** `[9f1c20ab] name`: as two tasks may have one name. */
  of(id: string): string;
}

/** Nothing counts as seen. */
export async function labelsOf(verbs: TaskVerbs, ids: readonly string[], look: Look): Promise<Labels> {
  const tasks = await verbs.glance(ids);
  const names = new Map(tasks.map(({ task_id, name }) => [task_id, name]));
  const nameOf = (id: string): string => names.get(id) ?? '';
  const shortName = (id: string): string => fit(shown(nameOf(id), look), WIDEST, look.fancy ? '…' : '...');
  return {
    nameOf,
    of: (id) => `[${id.replace(/^task_/, '').slice(0, 8)}] ${shortName(id)}`,
  };
}
