/** A page of tasks for a person. */
import stringWidth from 'string-width';
import type { TaskPage } from '../../wire/answers.ts';
import { STATUSES, type TaskJson, type TaskStatus } from '../../wire/task.ts';
import { box } from './box.ts';
import { percent, shortDuration } from './duration.ts';
import { line, type Part } from './line.ts';
import { type Look, shown, USUAL } from './look.ts';
import { PAINT, painted } from './paint.ts';
import { ago, ahead, nearTime } from './time.ts';
import { type Node, treeOf } from './tree.ts';

const SIGNS: Readonly<Record<TaskStatus, string>> = {
  pending: '⏳',
  running: '🔄',
  input_required: '❓',
  completed: '✅',
  failed: '❌',
  cancelled: '🚫',
};

const PLAIN_SIGNS: typeof SIGNS = {
  pending: '.',
  running: '>',
  input_required: '?',
  completed: '+',
  failed: 'x',
  cancelled: '-',
};

/** Columns that a name keeps while an error or a question can give way instead. */
const LEAST_NAME = 12;

/** In narrower lines nothing stands at the end, and an id has 4 digits. */
const NARROW = 40;

/** The page in a box, one task a line, children under their parents. */
export function pageBox(page: Pick<TaskPage, 'tasks'>, look: Look, now = Date.now()): string {
  const rows = treeOf(page.tasks, look).map((node) => (columns: number) => row(node, columns, look, now));
  return box('Background Tasks', rows, look);
}

/** `🔄 [9f1c20ab] name - running (45s) 45%`, as long as it is. */
export function taskLine(task: TaskJson, look: Look = USUAL, now = Date.now()): string {
  return line(parts({ task, branch: '' }, look, now), fitOf(look, look.columns ?? Number.MAX_SAFE_INTEGER));
}

/** `3 of 40 tasks: 1 running, 39 completed`; of a part of the store, what the whole has. */
export function countsLine({ tasks, total, total_exact, counts }: TaskPage, look: Look): string {
  const all = STATUSES.reduce((sum, status) => sum + counts[status], 0);
  const states = STATUSES.filter((status) => counts[status] > 0).map((status) => `${counts[status]} ${status}`);
  const shown = tasks.length === total ? `${total}` : `${tasks.length} of ${total_exact ? '' : 'at least '}${total}`;
  const of = all === total ? '' : `; in the store ${all}`;
  const text = `${shown} ${total === 1 ? 'task' : 'tasks'}${of}${states.length === 0 ? '' : `: ${states.join(', ')}`}`;
  return line([{ text, paint: 'dim', least: 0 }], fitOf(look, look.columns ?? Number.MAX_SAFE_INTEGER));
}

/** The parts of such a line, for lines that say more. */
export const taskParts = (task: TaskJson, look: Look, now: number): Part[] => parts({ task, branch: '' }, look, now);

const fitOf = ({ color, fancy }: Look, width: number) => ({ width, color, mark: fancy ? '…' : '...' });

function row(node: Node, columns: number, look: Look, now: number): string {
  const age = columns < NARROW ? undefined : ageOf(node.task, now);
  if (age === undefined) return line(parts(node, look, now, columns < NARROW ? 4 : 8), fitOf(look, columns));
  const text = line(parts(node, look, now), fitOf(look, columns - age.length - 2));
  const isBounded = columns < Number.MAX_SAFE_INTEGER;
  const gap = isBounded ? ' '.repeat(columns - age.length - stringWidth(text)) : '  ';
  return `${text}${gap}${painted(age, 'dim', look)}`;
}

/** Since when it is what it is; of one that runs its line says for how long, of one that cannot be read nothing is known. */
function ageOf(task: TaskJson, now: number): string | undefined {
  const { status, created_at, completed_at, input_requests } = task;
  if (status === 'running' || task.task_status.status === 'unknown') return undefined;
  const asked = Object.values(input_requests).map(({ requested_at }) => requested_at);
  return ago(completed_at ?? asked.sort()[0] ?? created_at, now);
}

function parts({ task, branch }: Node, look: Look, now: number, digits = 8): Part[] {
  const { status, task_id, name } = task;
  const id = task_id.replace(/^task_/, '').slice(0, digits);
  const { facts, mark, detail } = more(task, now, digits < 8);
  return [
    { text: branch, paint: 'dim', least: 6 },
    { text: `${(look.fancy ? SIGNS : PLAIN_SIGNS)[status] ?? '?'} [${id}] ` },
    { text: shown(name, look), least: LEAST_NAME, mayGo: true },
    { text: digits < 8 ? ' ' : ' - ' },
    { text: status, paint: PAINT[status] },
    { text: facts },
    { text: mark === undefined ? '' : ` ! ${mark}`, paint: 'yellow' },
    { text: detail === undefined ? '' : `: ${shown(firstLine(detail), look)}`, least: 0 },
  ];
}

/** Of a text in several lines, with a sign that there are more. */
function firstLine(text: string): string {
  const [first = '', ...others] = text.trim().split(/\r?\n/);
  return others.length === 0 ? first : `${first} ...`;
}

/** What else there is to say: `facts` of the state, `mark` for who should look, `detail` in the words of the task. */
interface More {
  facts: string;
  mark?: string | undefined;
  detail?: string | undefined;
}

function more(task: TaskJson, now: number, isNarrow: boolean): More {
  const { kind, signals, needs_attention } = task.task_status;
  switch (task.status) {
    case 'running':
      return {
        facts: [
          task.duration === null ? '' : ` (${shortDuration(task.duration)})`,
          task.progress > 0 ? ` ${percent(task.progress)}` : '',
        ].join(''),
        mark: needs_attention ? kind : undefined,
      };
    case 'pending':
      return { facts: waiting(task, now, isNarrow), mark: signals.includes('no_worker') ? 'no worker' : undefined };
    case 'input_required':
      return { facts: '', detail: question(task) };
    case 'failed':
      return { facts: '', detail: task.error?.message };
    case 'cancelled':
      return { facts: signals.includes('stopping') ? ' (stopping)' : '' };
    default:
      return { facts: '' };
  }
}

function waiting(task: TaskJson, now: number, isNarrow: boolean): string {
  const { run_at, attempt, max_attempts } = task;
  const { kind } = task.task_status;
  if (kind === 'queued') return '';
  if (run_at === null) return ` (${kind})`;
  if (isNarrow) return ` (${ahead(run_at, now)})`;
  if (kind === 'retrying')
    return ` (attempt ${attempt + 1} of ${Math.max(max_attempts, attempt + 1)} ${ahead(run_at, now)})`;
  return ` (starts ${ahead(run_at, now)}, ${nearTime(run_at, now)})`;
}

/** The first of what is asked, and how many more there are. */
function question({ input_requests }: TaskJson): string | undefined {
  const [first, ...others] = Object.values(input_requests);
  if (first === undefined) return undefined;
  return `${first.message}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
}
