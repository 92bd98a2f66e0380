/** The process of a detached worker. Its one argument is `DetachedOptions` as JSON. */
import { dirname } from 'node:path';
import { openStore } from '../store/index.ts';
import { runWorker, stopSignals } from '../worker/index.ts';
import { writeLog } from '../worker/log.ts';
import { oneLine } from '../worker/trouble.ts';
import { Context } from './context.ts';
import { familyOf } from './family.ts';
import { loadVerbs } from './load.ts';
import type { DetachedOptions } from './spawn.ts';

const { storePath, ...options } = JSON.parse(process.argv[2] ?? '') as DetachedOptions;
const log = (event: object): void => writeLog(dirname(storePath), JSON.stringify(event));
const trouble = (text: string): void =>
  log({ event: 'trouble', at: new Date().toISOString(), worker_id: options.id, text });

process.on('SIGHUP', () => {}); // the terminal that it was started from may close

async function main(): Promise<void> {
  const signals = stopSignals();
  const store = await openStore(storePath, { mount: 'thread' });
  const context = await Context.open({ store: storePath });
  const { signal, skipDrain } = signals;
  const family = familyOf(context);
  try {
    await runWorker(store, {
      ...options,
      family,
      load: loadVerbs,
      signal,
      skipDrain,
      onEvent: log,
      onTrouble: trouble,
    });
  } finally {
    // A process that ends while its store's thread is at work may be aborted by the driver.
    await context.close();
    await store.close();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    trouble(oneLine(error));
    process.exit(1); // also kills what still runs
  },
);
