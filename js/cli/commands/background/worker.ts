import type { WorkerEvent, WorkOptions } from '../../../ports/worker.ts';
import { defineCommand } from '../../command.ts';
import { EXIT } from '../../exit.ts';
import { escaped } from '../../human/escape.ts';
import type { EndSignal } from '../../io.ts';
import { seconds, whole } from '../../values.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Runs a worker in the foreground until Ctrl-C, SIGTERM, or until it has been idle for long enough.',
  about:
    'Prints one event a line; with --json each line is an object. A signal stops it in order, a second one ends the drain at once, a third one the process.',
  options: {
    concurrency: { type: 'string', value: 'N', help: 'tasks at once', default: "the configuration's, else 5" },
    'exit-when-idle': { type: 'string', value: 'SECONDS', help: 'end after this time without work', default: 'never' },
    drain: { type: 'string', value: 'SECONDS', help: 'time that running tasks get to end by themselves', default: '0' },
    'any-env': {
      type: 'boolean',
      help: "take with this environment, by names, what for 10 s nobody has had the submitter's values for",
    },
  },
  args: { min: 0, max: 0 },
  examples: ['offstage background worker', 'offstage background worker --concurrency 2 --exit-when-idle 60 --json'],
  async run(call) {
    const { flags, io } = call;
    const options: WorkOptions = {};
    if (flags.concurrency !== undefined) options.concurrency = whole('--concurrency', flags.concurrency, 1);
    if (flags['exit-when-idle'] !== undefined) {
      options.exitWhenIdle = seconds('--exit-when-idle', flags['exit-when-idle']);
    }
    options.anyEnv = flags['any-env'];
    if (flags.drain !== undefined) options.drain = seconds('--drain', flags.drain);
    const isLogged = /^(text|json)$/.test(io.env.OFFSTAGE_LOG ?? ''); // then stderr has lines of one shape
    if (!isLogged) {
      options.onTrouble = (text) => io.stderr.write(`warning: ${text.split('\n').map(escaped).join('\n')}\n`);
    }
    options.onEvent = (event) => call.answer({ ...event }, line(event));
    const [stop, skip] = [new AbortController(), new AbortController()];
    let ended: EndSignal | undefined;
    const off = io.onSignal((signal) => {
      (ended === undefined ? stop : skip).abort(signal);
      ended ??= signal;
    }, 2);
    try {
      await (await call.local()).work({ ...options, signal: stop.signal, skipDrain: skip.signal });
    } finally {
      off();
    }
    if (ended === undefined) return EXIT.ok.code;
    return ended === 'SIGINT' ? EXIT.interrupted.code : EXIT.terminated.code;
  },
});

/** `2026-01-31T10:00:00.000Z started task_9f… my-recipe attempt 1`. */
function line({ at, event, pid, task_id, recipe, attempt, status, reason }: WorkerEvent): string {
  return [
    at,
    event,
    task_id ?? `process ${pid}`,
    recipe,
    attempt === undefined ? undefined : `attempt ${attempt}`,
    status,
    reason,
  ]
    .filter((part): part is string => part !== undefined && part !== '')
    .map(escaped)
    .join(' ');
}
