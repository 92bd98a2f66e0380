/** What most often keeps work from going on, and what helps. */
import { shownName } from '../store/environment.ts';
import type { TaskStatus } from '../wire/task.ts';

/** What helps: a command of ours by its words, one to type into a shell, or something to do. */
export type Help = { type: readonly string[] } | { shell: string } | { say: string };

/** Something that keeps work from going on, or waits for somebody. */
export interface Trouble {
  trouble: string;
  help: readonly Help[];
}

/** What troubles are told from. */
export interface Findings {
  /** Null: no store could be found, which `refused` says. */
  store: {
    exists: boolean;
    schema: number | null;
    known_schema: number;
    read_only: boolean;
    free_bytes: number | null;
    tasks: Record<TaskStatus, number> | null;
    held: number;
    stranded: readonly { tasks: number; task_id: string; app: string | null; env: readonly string[]; bound: boolean }[];
    /** Of the last worker that was started; null when there is none. */
    worker_log: string | null;
  } | null;
  workers: readonly { pid: number; alive: boolean }[];
  refused: readonly { what: string; code: string; details?: unknown }[];
  /** Null: they could not be looked for. */
  recipes: { names: readonly string[]; broken: readonly { path: string; error: string }[] } | null;
}

/** Below so many bytes a store soon cannot be written. */
const LITTLE = 64 * 1024 * 1024;

const offstage = (...type: string[]): Help => ({ type });

/** The gravest first. */
export function troublesOf(findings: Findings): Trouble[] {
  const { store } = findings;
  return [
    ...refusals(findings),
    ...(store === null ? [] : [...ofTheFile(store), ...ofWorkers(findings), ...waiting(store), ...forSomebody(store)]),
    ...ofRecipes(findings),
  ];
}

/** What was refused says why; here is what to do about it. By the reason of the store, or by what is refused. */
const REMEDIES: Readonly<Record<string, Trouble>> = {
  node: { trouble: 'this Node is too old', help: [{ say: 'install Node 22 or later' }] },
  newer_schema: {
    trouble: 'the store was written by a newer offstage',
    help: [{ shell: 'npm install offstage@latest' }],
  },
  corrupt: {
    trouble: 'the store is damaged',
    help: [offstage('store', 'check'), offstage('store', 'restore', 'FILE')],
  },
  submit: {
    trouble: 'the configuration refuses every background submit',
    help: [{ say: 'set background.enabled to true in the configuration, or take it out' }],
  },
};

const refusals = ({ refused }: Findings): Trouble[] =>
  refused.flatMap(({ what, details }) => {
    const reason = String((details as { reason?: unknown } | undefined)?.reason ?? what);
    return Object.hasOwn(REMEDIES, reason) ? [REMEDIES[reason] as Trouble] : [];
  });

type Store = NonNullable<Findings['store']>;

function ofTheFile({ schema, known_schema, read_only, exists, free_bytes }: Store): Trouble[] {
  const found: Trouble[] = [];
  if (schema !== null && schema < known_schema) {
    const trouble = `the store has schema ${schema}; the next write brings it to ${known_schema}`;
    found.push({ trouble, help: [offstage('store', 'migrate')] });
  }
  if (exists && read_only) {
    const help = [{ say: 'give this user the right to write in its folder' }];
    found.push({ trouble: 'the store can be read only', help });
  }
  if (free_bytes !== null && free_bytes < LITTLE) {
    const trouble = `${Math.floor(free_bytes / 1024 / 1024)} MiB are left on the disk of the store`;
    found.push({ trouble, help: [offstage('background', 'clear', '--older-than', '1d'), { say: 'make room' }] });
  }
  return found;
}

function ofWorkers({ workers }: Findings): Trouble[] {
  const gone = workers.filter(({ alive }) => !alive).length;
  if (gone === 0) return [];
  const trouble = `${count(gone, 'worker')} died; the next command decides what became of what it ran`;
  return [{ trouble, help: [offstage('background', 'list', '--attention')] }];
}

function waiting({ stranded, worker_log }: Store): Trouble[] {
  return stranded.map((one) => ({
    trouble: `${count(one.tasks, 'task')} that no living worker can run, such as ${one.task_id}${lacking(one)}`,
    help: remedy(one, worker_log),
  }));
}

type Stranded = Store['stranded'][number];

const lacking = ({ env, bound }: Stranded): string =>
  env.length === 0 ? '' : `: none has ${env.map(shownName).join(', ')}${bound ? ' as submitted' : ''}`;

function remedy({ task_id, app, env, bound }: Stranded, log: string | null): Help[] {
  if (app !== null) return [{ say: `start the app that serves '${app}'` }];
  if (env.length > 0) {
    const type = bound ? offstage('background', 'retry', task_id) : offstage('background', 'worker');
    return [{ say: `where ${env.map(shownName).join(', ')} ${env.length === 1 ? 'is' : 'are'} set:` }, type];
  }
  return [offstage('background', 'worker'), ...(log === null ? [] : [{ say: `the last worker's log: ${log}` }])];
}

/** What waits for a person, whatever lives. */
function forSomebody({ tasks, held }: Store): Trouble[] {
  const { input_required = 0, failed = 0 } = tasks ?? {};
  const found: Trouble[] = [];
  if (input_required > 0) {
    const help = [
      offstage('background', 'list', '--status', 'input_required'),
      offstage('background', 'respond', 'ID'),
    ];
    found.push({ trouble: `${count(input_required, 'task')} with an open question`, help });
  }
  if (held > 0) {
    const help = [offstage('background', 'list', '--attention')];
    found.push({ trouble: `${count(held, 'task')} not started, since the code has changed`, help });
  }
  if (failed > 0) {
    const help = [offstage('background', 'list', '--status', 'failed')];
    found.push({ trouble: `${count(failed, 'task')} failed`, help });
  }
  return found;
}

function ofRecipes({ recipes, store }: Findings): Trouble[] {
  if (recipes === null) return [];
  const broken = recipes.broken.map(({ path, error }) => ({
    trouble: `the recipe in ${path} is broken: ${error}`,
    help: [offstage('recipe', 'validate', path)],
  }));
  if (store === null || store.exists) return broken;
  const [name] = recipes.names;
  const first =
    name === undefined
      ? [offstage('recipe', 'init', 'my-recipe'), offstage('background', 'submit', '--recipe', 'my-recipe')]
      : [offstage('background', 'submit', '--recipe', name)];
  return [...broken, { trouble: 'nothing was submitted yet', help: first }];
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
