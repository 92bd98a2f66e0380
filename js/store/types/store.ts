import type { Commit } from '../../ports/backend.ts';
import type { Ops } from './ops.ts';

/** A store, however it is mounted: called directly, or through a thread of its own. */
export interface Store {
  /** The database file, or `:memory:`. */
  readonly path: string;
  /** Its folder; `:memory:` for none. */
  readonly folder: string;
  run<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>>;
  /** Calls the listener soon after any process committed, with what is known of a commit of this mount. Returns what ends it. */
  watch(listener: (commit?: Commit) => void): () => void;
  /** Renews this worker's lease every 5 s, also while the calling thread is blocked (thread mount only). */
  keepLease(worker: string): void;
  /** Renews it no more. */
  dropLease(worker: string): void;
  close(): Promise<void>;
}
