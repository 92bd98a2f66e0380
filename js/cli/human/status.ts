/** One task for a person, line by line. */
import type { Lacks } from '../../client/index.ts';
import type { TaskJson } from '../../wire/task.ts';
import { find, GROUPS } from '../groups.ts';
import { quoted } from '../typed.ts';
import { percent, shortDuration } from './duration.ts';
import { escaped } from './escape.ts';
import { localTime } from './time.ts';

/** The lines of `background status`; `typed` spells a command as a user would type it. `lacks`: why nobody runs it. */
export function statusText(task: TaskJson, typed: (...words: string[]) => string, lacks?: Lacks): string {
  const { task_status: attention, error, worker } = task;
  return [
    `Task: ${task.task_id}`,
    `Status: ${task.status}`,
    `Progress: ${percent(task.progress)}`,
    `Duration: ${task.duration === null ? '-' : shortDuration(task.duration, { fine: true })}`,
    ...workLines(task),
    `Session: ${task.session_id === null ? '-' : escaped(task.session_id)}`,
    ...(task.tags.length === 0 ? [] : [`Tags: ${task.tags.map(escaped).join(', ')}`]),
    ...(task.name === task.recipe ? [] : [`Name: ${escaped(task.name)}`]),
    ...(task.progress_message === null ? [] : [`Message: ${escaped(task.progress_message)}`]),
    ...(attention.needs_attention ? [`Attention: ${attention.display}`] : []),
    ...(task.warnings ?? []).map((text) => `Warning: ${escaped(text)}`),
    ...(lacks === undefined ? [] : needsLines(lacks)),
    ...nextLine(task, typed, lacks),
    ...(error === null ? [] : [`Error: ${escaped(error.message)} (${escaped(error.code)})`]),
    ...Object.entries(task.input_requests).map(([key, { message }]) => `Asks: ${escaped(key)}: ${escaped(message)}`),
    ...(task.drop_at === null ? [] : [`Kept until: ${localTime(task.drop_at)}`]),
    ...(task.retried_from === null ? [] : [`Retry of: ${task.retried_from}`]),
    ...(task.parent_id === null ? [] : [`Parent: ${task.parent_id}`]),
    ...(worker === null ? [] : [`Worker: ${escaped(worker.id)}, process ${worker.pid} on ${escaped(worker.host)}`]),
  ].join('\n');
}

/** What is run: a command with its folder, or a recipe. */
function workLines({ command, cwd = '', recipe }: TaskJson): string[] {
  if (command === undefined) return [`Recipe: ${escaped(recipe)}`];
  return [`Command: ${command.map(quoted).map(escaped).join(' ')}`, `Folder: ${escaped(cwd)}`];
}

/** What must be there before a worker helps. */
function needsLines({ env, folder }: Lacks): string[] {
  return [
    ...(env.length === 0 ? [] : [`Needs: ${env.map(escaped).join(', ')}: not set here`]),
    ...(folder === null ? [] : [`Needs: ${escaped(folder)}: not here`]),
  ];
}

/** The next action as a command; no command of ours runs a recipe that only an app has. */
function nextLine(
  { task_id, task_status, unheld_env = [] }: TaskJson,
  typed: (...words: string[]) => string,
  lacks: Lacks | undefined,
): string[] {
  const action = task_status.next_action;
  if (action === 'worker' && typeof lacks?.app === 'string') return [`Next: ${appToStart(lacks.app)}`];
  const commands = GROUPS.background?.commands ?? {};
  if (find(commands, action) === undefined) return [];
  if (task_status.kind === 'code_changed') {
    return [`Next: ${typed('retry', task_id)}`, `or: ${typed('update', task_id, '--code', 'current')}`];
  }
  const worker = unheld_env.length > 0 ? typed('worker', '--any-env') : typed('worker');
  return [`Next: ${action === 'worker' ? worker : typed(action, task_id)}`];
}

export const appToStart = (recipe: string): string => `start the app that serves '${escaped(recipe)}'`;
