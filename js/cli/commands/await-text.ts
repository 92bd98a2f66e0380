/** Waiting for a task whose result is a text, which is put out while it is written. */
import type { TaskVerbs } from '../../ports/verbs.ts';
import { only } from '../../wire/only.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';
import { TaskEndedError } from '../exit.ts';
import { stoppable } from '../interrupt.ts';
import { type AwaitOptions, waitLive } from './await-tasks.ts';
import { bare } from './outcome.ts';

/**
 * Puts the text out as it comes and exits by the task; what stands on stdout in the end is the result, as `result` prints it.
 * Where another attempt began anew, or the result is no text, the whole result follows on a line of its own.
 */
export async function awaitText(
  call: Call,
  verbs: TaskVerbs,
  id: string,
  { intro, noInput }: AwaitOptions & { intro: string },
): Promise<number> {
  const { stdout } = call.io;
  let told = '';
  const task = await stoppable(
    call.io,
    { doing: 'waiting', ids: [id], again: call.typed('wait', id) },
    async (signal) => {
      call.tell(`${intro}; Ctrl-C ends the wait only`);
      const over = new AbortController();
      const following = tellText(verbs, id, over.signal, (text) => {
        told += text;
        stdout.write(text);
      });
      try {
        const { tasks } = await waitLive(call, verbs, [id], { noInput, signal, draws: false });
        return only(tasks);
      } finally {
        over.abort();
        await following;
      }
    },
  );
  stdout.write(restOf(task, told));
  if (task.status !== 'completed') throw new TaskEndedError(task);
  return 0;
}

/** What there is to write behind what was told. */
function restOf({ status, result }: TaskJson, told: string): string {
  const open = told === '' || told.endsWith('\n') ? '' : '\n';
  if (status !== 'completed') return open;
  const whole = bare(result);
  if (!whole.startsWith(told)) return `${open}${whole}\n`;
  const rest = whole.slice(told.length);
  return whole.endsWith('\n') ? rest : `${rest}\n`;
}

/** What comes after the end of the wait was there before it: the events are read once more. */
async function tellText(
  verbs: TaskVerbs,
  id: string,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<void> {
  let after = 0;
  const take = ({ seq, kind, data }: { seq: number; kind: string; data: unknown }): void => {
    after = seq;
    const { chunk } = data as { chunk?: unknown };
    if (kind === 'output' && typeof chunk === 'string') tell(chunk);
  };
  for await (const event of verbs.follow([{ id, after }], { signal })) take(event);
  for (const event of (await verbs.events([id], { after })).events) take(event);
}
