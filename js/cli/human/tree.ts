/** Tasks in the order in which a tree is read: children under their parent. */
import type { TaskJson } from '../../wire/task.ts';
import type { Look } from './look.ts';

/** A task with what stands before it. */
export interface Node {
  task: TaskJson;
  /** Lines that lead to its parent; empty for one whose parent is not there. */
  branch: string;
}

type Branches = readonly [child: string, last: string, line: string, none: string];

const FANCY: Branches = ['├─ ', '└─ ', '│  ', '   '];
const PLAIN: Branches = ['|- ', '`- ', '|  ', '   '];

/** Those without a parent among them in the order given, newest first; children in the order in which they were made. */
export function treeOf(tasks: readonly TaskJson[], { fancy }: Pick<Look, 'fancy'>): Node[] {
  const there = new Set(tasks.map(({ task_id }) => task_id));
  const children = new Map<string, TaskJson[]>();
  const roots: TaskJson[] = [];
  for (const task of tasks) {
    const { parent_id } = task;
    if (parent_id === null || !there.has(parent_id)) {
      roots.push(task);
      continue;
    }
    const siblings = children.get(parent_id);
    if (siblings === undefined) children.set(parent_id, [task]);
    else siblings.push(task);
  }
  const [child, last, line, none] = fancy ? FANCY : PLAIN;
  const below = (task: TaskJson, branch: string, lead: string): Node[] => {
    const own = (children.get(task.task_id) ?? []).reverse();
    return [
      { task, branch },
      ...own.flatMap((one, index) => {
        const isLast = index === own.length - 1;
        return below(one, `${lead}${isLast ? last : child}`, `${lead}${isLast ? none : line}`);
      }),
    ];
  };
  return roots.flatMap((root) => below(root, '', ''));
}
