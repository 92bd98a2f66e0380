import type { TaskVerbs } from '../../../ports/verbs.ts';
import type { EventsOfAll } from '../../../wire/answers.ts';
import type { TaskEventJson } from '../../../wire/event.ts';
import { type Call, defineCommand } from '../../command.ts';
import { LogLines, LogText, plain } from '../../human/logs.ts';
import { type Look, lookOf } from '../../human/look.ts';
import { whole } from '../../values.ts';
import { followEvents } from '../follow-events.ts';
import { ANY_NUMBER, IDS_OPTION, openTasks } from '../ids.ts';
import { type Labels, labelsOf } from '../labels.ts';

const options = {
  id: IDS_OPTION,
  follow: { type: 'boolean', short: 'f', help: 'go on until the tasks have ended and their work has stopped' },
  tail: { type: 'string', value: 'N', help: 'only the last N lines of each task', default: 'all that is kept' },
} as const;

export const command = defineCommand({
  usage: 'ID...',
  summary: 'Prints what tasks have logged and put out, as plain text.',
  about:
    'Of several tasks each line has the name of its task. With --follow --json each log, output and warning event is a line. Ctrl-C ends the following only. Control characters are shown, not sent; the events have everything as it was told.',
  options,
  args: ANY_NUMBER,
  examples: [
    'offstage background logs 9f1c20ab',
    'offstage background logs 9f1c20ab --follow --tail 20',
    'offstage background logs 9f1c20ab de64a7f0 --json',
  ],
  async run(call) {
    const { flags } = call;
    const tail = flags.tail === undefined ? Number.POSITIVE_INFINITY : whole('--tail', flags.tail, 0);
    const { verbs, ids, several } = await openTasks(call);
    const look = lookOf(call);
    const labels = await labelsOf(verbs, ids, look);
    const past = await verbs.events(ids);
    const told = past.events.filter(isTold);
    for (const { task_id, first_seq } of past.tasks) {
      if (first_seq > 1) call.tell(`${labels.of(task_id)}: some of what is older than event ${first_seq} was dropped.`);
    }
    if (call.globals.json && !flags.follow) answer(call, documentOf(past.tasks, told, labels, tail), several);
    else await print(call, verbs, { ...past, events: told }, { look, labels: several ? labels : undefined, tail });
    return 0;
  },
});

const isTold = ({ kind }: TaskEventJson): boolean => ['log', 'output', 'warning'].includes(kind);

type Tasks = EventsOfAll['tasks'];

function documentOf(tasks: Tasks, told: readonly TaskEventJson[], labels: Labels, tail: number) {
  return tasks.map(({ task_id, first_seq }) => {
    const log = new LogLines();
    const lines = told.filter((event) => event.task_id === task_id).flatMap((event) => log.add(event));
    return { task_id, name: labels.nameOf(task_id), lines: lastOf([...lines, ...log.end()], tail), first_seq };
  });
}

function answer(call: Call, tasks: ReturnType<typeof documentOf>, several: boolean): void {
  call.answer(several ? { ok: true, tasks } : { ok: true, ...tasks[0] }, '');
}

/** What there is, then with `--follow` what comes. */
async function print(
  call: Call<typeof options>,
  verbs: TaskVerbs,
  { tasks, events: told }: EventsOfAll,
  { look, labels, tail }: { look: Look; labels: Labels | undefined; tail: number },
): Promise<void> {
  const sink = sinkOf(call, look, labels);
  sink.past(told, tail);
  if (told.length === 0 && !call.flags.follow) call.tell('Nothing was logged or put out.');
  if (call.flags.follow) {
    const from = tasks.map(({ task_id, next_after }) => ({ id: task_id, after: next_after }));
    const again = call.typed('logs', ...tasks.map(({ task_id }) => task_id), '--follow');
    await followEvents(call, verbs, from, { again }, (event) => {
      if (isTold(event)) sink.add(event);
      return true;
    }).finally(() => sink.end());
  } else sink.end();
}

/** Where the text goes. */
interface Sink {
  past(told: readonly TaskEventJson[], tail: number): void;
  add(event: TaskEventJson): void;
  end(): void;
}

function sinkOf(call: Call, look: Look, labels: Labels | undefined): Sink {
  if (call.globals.json) return asEvents(call);
  return labels === undefined ? asText(call, look) : asLines(call, look, labels);
}

/** An event a line. */
function asEvents(call: Call): Sink {
  const add = (event: TaskEventJson): void => call.answer({ ...event }, '');
  return { past: (told, tail) => lastOf(told, tail).forEach(add), add, end: () => {} };
}

/** Of one task as it comes, also before a line has ended. */
function asText(call: Call, look: Look): Sink {
  const log = new LogText();
  const write = (text: string): void => call.io.stdout.write(plain(text, look));
  return {
    past: (told, tail) => write(lastLines(told.map((event) => log.add(event)).join(''), tail)),
    add: (event) => write(log.add(event)),
    end: () => write(log.end()),
  };
}

/** Of several in whole lines, each with the name of its task. */
function asLines(call: Call, look: Look, labels: Labels): Sink {
  const logs = new Map<string, LogLines>();
  const logOf = (id: string): LogLines => {
    const log = logs.get(id) ?? new LogLines();
    logs.set(id, log);
    return log;
  };
  const label = (id: string, lines: readonly string[]) => lines.map((line) => ({ id, line }));
  const write = (lines: ReturnType<typeof label>): void => {
    for (const { id, line } of lines) call.io.stdout.write(`${labels.of(id)} | ${plain(line, look)}\n`);
  };
  return {
    past(told, tail) {
      const lines = told.flatMap((event) => label(event.task_id, logOf(event.task_id).add(event)));
      const left = new Map<string, number>();
      const kept = lines.toReversed().filter(({ id }) => {
        left.set(id, (left.get(id) ?? tail) - 1);
        return (left.get(id) as number) >= 0;
      });
      write(kept.reverse());
    },
    add: (event) => write(label(event.task_id, logOf(event.task_id).add(event))),
    end() {
      for (const [id, log] of logs) write(label(id, log.end()));
    },
  };
}

const lastOf = <T>(all: readonly T[], n: number): T[] => (n === 0 ? [] : all.slice(-n));

function lastLines(text: string, n: number): string {
  const end = text.endsWith('\n') ? '\n' : '';
  const lines = text.slice(0, text.length - end.length).split('\n');
  return n === 0 || text === '' ? '' : `${lastOf(lines, n).join('\n')}${end}`;
}
