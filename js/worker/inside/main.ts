/**
 * A child process of a worker: loads recipes and runs them, one run at a time.
 *
 * 1. It leads its own process group; when the channel to its worker closes, it kills that group, itself included.
 * 2. It answers each `run` with exactly one `done` or `not_begun`, unless the process ends before.
 * 3. User code is loaded only after a `run`, by when the worker has stored this group.
 */
import { MEANT_AS_WORKER } from '../../platform/program.ts';
import { loadOtherRunnings } from '../../program/kinds.ts';
import type { FromChild, RunMessage, ToChild } from '../protocol.ts';
import { packageVersion } from '../version.ts';
import { ChildRun } from './child-run.ts';
import { loadForRuns } from './load.ts';
import { resetProcess, writeThrough } from './surroundings.ts';

const send = process.send?.bind(process);
if (send === undefined) throw new Error('this file is a child process of an offstage worker; it needs its channel');

// Libraries take its presence for a parent that speaks their language.
Reflect.deleteProperty(process, 'send');

Reflect.deleteProperty(process.env, MEANT_AS_WORKER);
writeThrough();

/** Milliseconds without a run after which a spare loads what only commands need: who waits for it runs a module first. */
const SPARE_TIME = 100;

let current: ChildRun | undefined;
/** Of the last run. */
let env: NonNullable<RunMessage['env']> = {};
let spareTime: NodeJS.Timeout | undefined;

/** False while more than a little waits to be written; `onRoom` is called when this message has been. */
function say(message: FromChild, onRoom?: () => void): boolean {
  // A failed write means that the worker is gone; `disconnect` follows.
  return send?.(message, undefined, undefined, () => onRoom?.()) ?? false;
}

function receive(message: ToChild): void {
  if (message.kind === 'run') {
    clearTimeout(spareTime);
    env = message.env ?? env;
    resetProcess(env);
    current = new ChildRun(message, say, say);
    void current.start();
  } else if (current?.id === message.run) {
    if (message.kind === 'abort') current.abort(message);
    else current.reply(message);
  }
}

function crashed(thrown: unknown): void {
  if (current?.crash(thrown)) return;
  // Nobody waits for what is left of an earlier run; the worker takes another process.
  process.exit(1);
}

process.on('disconnect', () => {
  current?.forget();
  process.kill(-process.pid, 'SIGKILL');
});
const version = packageVersion();
await loadForRuns(); // what fails here is printed, and ends the process
process.on('message', (message) => receive(message as ToChild));
process.on('exit', () => current?.flush());
process.on('uncaughtException', crashed);
process.on('unhandledRejection', crashed);
say({ kind: 'ready', version });
spareTime = setTimeout(() => void loadOtherRunnings().catch(() => {}), SPARE_TIME); // a run of one tries again and tells
