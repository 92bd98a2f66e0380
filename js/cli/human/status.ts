/** One task for a person, line by line. */
import type { Cancellation, Lacks } from '../../wire/answers.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { ToolPolicy } from '../../wire/tools.ts';
import type { UsageJson } from '../../wire/usage.ts';
import { type Contents, find } from '../command.ts';
import { quoted } from '../typed.ts';
import { type Cause, causes } from './causes.ts';
import { percent, shortDuration } from './duration.ts';
import { escaped } from './escape.ts';
import { type Look, shown, USUAL } from './look.ts';
import { PAINT, painted } from './paint.ts';
import { ago, ahead, localTime } from './time.ts';

/** What is known beside the task. */
export interface Beside {
  /** Spells a command as this user would type it. */
  typed: (...words: string[]) => string;
  /** Every command there is: an action that is none of them is nobody's to type. */
  contents: Contents;
  /** Why nobody runs it. */
  lacks?: Lacks | undefined;
  /** Who cancelled it, and why. */
  cancellation?: Cancellation | undefined;
}

/** The lines of `background status`. */
export function statusText(task: TaskJson, beside: Beside, look: Look = USUAL, now = Date.now()): string {
  const text = (words: string): string => shown(words, look);
  const { recipe, name, session_id, status } = task;
  return [
    `Task: ${task.task_id}`,
    `Status: ${painted(status, PAINT[status], look)}`,
    `Progress: ${percent(task.progress)}`,
    `Duration: ${task.duration === null ? '-' : shortDuration(task.duration, { fine: true })}`,
    ...workLines(task, text),
    `Session: ${session_id === null ? '-' : text(session_id)}`,
    ...(task.tags.length === 0 ? [] : [`Tags: ${task.tags.map(text).join(', ')}`]),
    ...(name === recipe ? [] : [`Name: ${text(name)}`]),
    ...(task.progress_message === null ? [] : [`Message: ${text(task.progress_message)}`]),
    ...(task.progress_data === null ? [] : [`Data: ${text(JSON.stringify(task.progress_data))}`]),
    ...whenLines(task, now),
    ...howItEnded(task, beside, text),
    ...Object.entries(task.input_requests).map(([key, { message }]) => `Asks: ${text(key)}: ${text(message)}`),
    ...toolsLine(task, text),
    ...relatives(task, text),
    ...(task.drop_at === null ? [] : [`Kept until: ${localTime(task.drop_at)}`]),
    ...(task.task_status.needs_attention ? [`Attention: ${painted(task.task_status.display, 'yellow', look)}`] : []),
    ...needsLines(task, beside.lacks, text),
    ...nextLine(task, beside),
  ].join('\n');
}

type Text = (words: string) => string;

/** What is run: a command with its folder, or a recipe. */
function workLines({ command, cwd = '', recipe }: TaskJson, text: Text): string[] {
  if (command === undefined) return [`Recipe: ${text(recipe)}`];
  return [`Command: ${command.map(quoted).map(text).join(' ')}`, `Folder: ${text(cwd)}`];
}

/** When what happened, by the clock on the wall, and which attempt it is. */
function whenLines(task: TaskJson, now: number): string[] {
  const { created_at, run_at, started_at, completed_at, attempt, max_attempts } = task;
  const moment = (label: string, at: string): string => `${label}: ${localTime(at)} (${ago(at, now)})`;
  if (task.task_status.status === 'unknown') return []; // its record cannot be read
  const isAhead = task.status === 'pending' && run_at !== null && Date.parse(run_at) > now;
  return [
    moment('Created', created_at),
    ...(isAhead ? [`Starts: ${localTime(run_at)} (${ahead(run_at, now)})`] : []),
    ...(started_at === null ? [] : [moment('Started', started_at)]),
    ...(completed_at === null ? [] : [moment('Ended', completed_at)]),
    // Attempts that a shutdown ended do not count, so there may be more than that.
    ...(attempt === 0 ? [] : [`Attempt: ${attempt} of ${Math.max(attempt, max_attempts)}`]),
    ...(task.usage == null ? [] : [usageLine(task.usage)]),
  ];
}

const POLICY: Readonly<Record<ToolPolicy, string>> = { allow: '', ask: ' (asked)', missing: ' (missing)' };

/** `Tools: read_file, web_crawl (asked)`. */
function toolsLine({ tools = {} }: TaskJson, text: Text): string[] {
  const names = Object.entries(tools).map(([name, policy]) => `${text(name)}${POLICY[policy]}`);
  return names.length === 0 ? [] : [`Tools: ${names.join(', ')}`];
}

/** `Usage: 12,480 in · 1,906 out · $0.0031 (config)`. */
function usageLine({ input_tokens, output_tokens, cost, cost_source, incomplete }: UsageJson): string {
  const count = (tokens: number): string => tokens.toLocaleString('en-US');
  const paid = cost === null ? [] : [`$${cost.toFixed(4)}${cost_source === 'config' ? ' (config)' : ''}`];
  const parts = [`${count(input_tokens)} in`, `${count(output_tokens)} out`, ...paid];
  return `Usage: ${parts.join(' · ')}${incomplete ? ', and more that is not known' : ''}`;
}

const CANCELLED_BY: Readonly<Record<Cancellation['by'], string>> = {
  caller: 'by request',
  parent: 'with its parent',
  session: 'by a newer task of its session',
  clear: 'by clear --all',
  answer: 'by the answer to its question',
};

function howItEnded({ error }: TaskJson, { cancellation }: Beside, text: Text): string[] {
  return [
    ...(cancellation === undefined ? [] : [cancelledLine(cancellation, text)]),
    ...(error === null ? [] : [errorLine('Error', { depth: 0, ...error }, text)]),
    ...causes(error?.details).map((cause) => errorLine(`Cause: ${text(cause.name)}`, cause, text)),
  ];
}

const cancelledLine = ({ by, reason }: Cancellation, text: Text): string =>
  `Cancelled: ${CANCELLED_BY[by]}${reason === null ? '' : `: ${text(reason)}`}`;

/** Of a message in several lines those that follow stand below the first, further in. */
function errorLine(label: string, { depth, message, code }: Omit<Cause, 'name'>, text: Text): string {
  const indent = '  '.repeat(depth);
  const [first = '', ...others] = message.trim().split(/\r?\n/).map(text);
  const head = `${indent}${label}${first === '' ? '' : `: ${first}`}${code === undefined ? '' : ` (${text(String(code))})`}`;
  return [head, ...others].join(`\n${indent}  `);
}

function relatives({ retried_from, parent_id, worker }: TaskJson, text: Text): string[] {
  return [
    ...(retried_from === null ? [] : [`Retry of: ${retried_from}`]),
    ...(parent_id === null ? [] : [`Parent: ${parent_id}`]),
    ...(worker === null ? [] : [`Worker: ${text(worker.id)}, process ${worker.pid} on ${text(worker.host)}`]),
  ];
}

/** What must be there before a worker helps; of variables once, by what the store says where it says something. */
function needsLines({ warnings = [] }: TaskJson, lacks: Lacks | undefined, text: Text): string[] {
  const { env = [], folder = null } = lacks ?? {};
  const named = (warning: string): string[] => env.filter((name) => warning.includes(name));
  const rest = env.filter((name) => !warnings.some((warning) => warning.includes(name)));
  const notSet = (names: readonly string[]): string =>
    names.length === 0 ? '' : `; not set here: ${names.join(', ')}`;
  return [
    ...warnings.map((warning) => `Warning: ${text(`${warning}${notSet(named(warning))}`)}`),
    ...(rest.length === 0 ? [] : [`Needs: ${rest.map(text).join(', ')}: not set here`]),
    ...(folder === null ? [] : [`Needs: ${text(folder)}: not here`]),
  ];
}

/** The next action as a command; no command of ours runs a recipe that only an app has. */
function nextLine({ task_id, task_status, unheld_env = [] }: TaskJson, { typed, contents, lacks }: Beside): string[] {
  const action = task_status.next_action;
  if (action === 'worker' && typeof lacks?.app === 'string') return [`Next: ${appToStart(lacks.app)}`];
  if (find(contents.groups.background?.commands ?? {}, action) === undefined) return [];
  if (task_status.kind === 'code_changed') {
    return [`Next: ${typed('retry', task_id)}`, `or: ${typed('update', task_id, '--code', 'current')}`];
  }
  const worker = unheld_env.length > 0 ? typed('worker', '--any-env') : typed('worker');
  return [`Next: ${action === 'worker' ? worker : typed(action, task_id)}`];
}

export const appToStart = (recipe: string): string => `start the app that serves '${escaped(recipe)}'`;
