/** The process of a detached worker. Its one argument is `DetachedOptions` as JSON. */
import { dirname } from 'node:path';
import { openStore } from '../store/index.ts';
import { writeLog } from './log.ts';
import { runWorker } from './run.ts';
import { stopSignals } from './signals.ts';
import type { DetachedOptions } from './spawn.ts';
import { oneLine } from './trouble.ts';

const { storePath, id, concurrency, exitWhenIdle } = JSON.parse(process.argv[2] ?? '') as DetachedOptions;
const log = (event: object): void => writeLog(dirname(storePath), JSON.stringify(event));
const trouble = (text: string): void => log({ event: 'trouble', at: new Date().toISOString(), worker_id: id, text });

process.on('SIGHUP', () => {}); // the terminal that it was started from may close

async function main(): Promise<void> {
  const { signal, skipDrain } = stopSignals();
  const store = await openStore(storePath, { mount: 'thread' });
  await runWorker(store, { id, concurrency, exitWhenIdle, signal, skipDrain, onEvent: log, onTrouble: trouble });
  await store.close();
}

main().then(
  () => process.exit(0),
  (error) => {
    trouble(oneLine(error));
    process.exit(1); // also kills what still runs
  },
);
