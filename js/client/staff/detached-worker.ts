/** What the process of a detached worker does. */
import { dirname } from 'node:path';
import { type RunWorkerOptions, runWorker, stopSignals, type WorkerEvent } from '../../worker/index.ts';
import { WorkerLog } from '../../worker/log.ts';
import { oneLine } from '../../worker/trouble.ts';
import { openContext } from '../open.ts';
import type { DetachedOptions } from './spawn.ts';
import { givenTo } from './work.ts';
import { startSuccessor } from './workers.ts';

/** Runs the worker to its end, and ends the process. */
export async function runDetached({ storePath, inherited: _, ...options }: DetachedOptions): Promise<void> {
  const lines = new WorkerLog(dirname(storePath));
  const log = (event: object): void => lines.write(JSON.stringify(event));
  const trouble = (text: string): void =>
    log({ event: 'trouble', at: new Date().toISOString(), worker_id: options.id, text });
  process.on('SIGHUP', () => {}); // the terminal that it was started from may close
  try {
    await work(storePath, { ...options, onEvent: log, onTrouble: trouble });
    process.exit(0);
  } catch (error) {
    trouble(oneLine(error));
    process.exit(1); // also kills what still runs
  }
}

async function work(storePath: string, options: RunWorkerOptions): Promise<void> {
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
    await runWorker(store, { ...options, ...(await givenTo(context, {})), onEvent, signal, skipDrain });
    if (replaced) await startSuccessor(context);
  } finally {
    // A process that ends while its store's thread is at work may be aborted by the driver.
    await context.close();
  }
}
