import { openStore } from '../store/index.ts';
import { runWorker } from '../worker/index.ts';
import type { Context } from './context.ts';
import type { WorkOptions } from './verbs.ts';

/** Runs a worker in this process. It has its own mount: its lease is renewed by the store's thread. */
export async function work(context: Context, options: WorkOptions = {}): Promise<void> {
  const store = await openStore(context.path, { mount: 'thread' });
  try {
    await runWorker(store, { concurrency: context.config.background?.maxConcurrentTasks ?? 5, ...options });
  } finally {
    await store.close();
  }
}
