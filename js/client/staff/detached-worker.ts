/** What the process of a detached worker does. */
import { dirname } from 'node:path';
import type { Environment } from '../../wire/globals.ts';
import { type RunWorkerOptions, runWorker, stopSignals, type WorkerEvent } from '../../worker/index.ts';
import { WorkerLog } from '../../worker/log.ts';
import { oneLine } from '../../worker/trouble.ts';
import { openContext } from '../open.ts';
import type { DetachedOptions } from './spawn.ts';
import { logged, logOf, troubleOf } from './structured-log.ts';
import { givenTo } from './work.ts';
import { startSuccessor } from './workers.ts';

type Listening = Required<Pick<RunWorkerOptions, 'onEvent' | 'onTrouble'>>;

/** Runs the worker to its end, and ends the process. */
export async function runDetached({ storePath, inherited: _, ...options }: DetachedOptions): Promise<void> {
  const lines = new WorkerLog(dirname(storePath));
  const write = (line: string): void => lines.write(line.trimEnd());
  const own = ownLog(write, options.id);
  let { onTrouble } = own;
  process.on('SIGHUP', () => {}); // the terminal that it was started from may close
  try {
    const env = withForm(process.env, onTrouble);
    const log = logOf(env, write);
    if (log !== undefined) onTrouble = (text) => log(troubleOf(text, options.id));
    await work(storePath, log === undefined ? { ...options, ...own } : options, env, write);
    process.exit(0);
  } catch (error) {
    onTrouble(oneLine(error));
    process.exit(1); // also kills what still runs
  }
}

/** What says in which form it logs. One that there is not keeps nobody's tasks waiting: it logs in its own then. */
function withForm(env: Environment, onTrouble: (text: string) => void): Environment {
  try {
    logOf(env, () => {});
    return env;
  } catch (error) {
    onTrouble(oneLine(error));
    return {};
  }
}

/** What a worker says where nobody asks for a form: its events as they are. */
function ownLog(write: (line: string) => void, id: string): Listening {
  const log = (event: object): void => write(JSON.stringify(event));
  return {
    onEvent: log,
    onTrouble: (text) => log({ event: 'trouble', at: new Date().toISOString(), worker_id: id, text }),
  };
}

async function work(
  storePath: string,
  options: RunWorkerOptions,
  env: Environment,
  write: (line: string) => void,
): Promise<void> {
  const signals = stopSignals();
  const context = await openContext({ store: storePath });
  const { signal, skipDrain } = signals;
  let replaced = false;
  const onEvent = (event: WorkerEvent): void => {
    replaced ||= event.event === 'stopped' && event.reason === 'replaced';
    options.onEvent?.(event);
  };
  try {
    const store = await context.storeInThread();
    const all = { ...options, ...(await givenTo(context, {})), onEvent, signal, skipDrain };
    await runWorker(store, logged(env, all, write));
    if (replaced) await startSuccessor(context);
  } finally {
    // A process that ends while its store's thread is at work may be aborted by the driver.
    await context.close();
  }
}
