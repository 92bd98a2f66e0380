import type { Moment } from '../clock.ts';
import type { Ops } from '../types.ts';

/** What an operation knows besides its arguments. */
export type Context = Moment;

export type Arguments<K extends keyof Ops> = Parameters<Ops[K]>[0];
export type Answer<K extends keyof Ops> = ReturnType<Ops[K]>;

/** One operation: reads run in a snapshot, writes behind the write lock. */
export type Operation<K extends keyof Ops> =
  | { kind: 'read'; run(context: Context, args: Arguments<K>): Answer<K> }
  | {
      kind: 'write';
      /**
       * Looks, in a snapshot, whether there is anything to write, so that a look costs no write lock; also where what is
       * slow is done before the lock is taken. `run` judges anew.
       */
      prepare?(context: Context, args: Arguments<K>): boolean;
      /** The answer when `prepare` finds nothing to write. */
      idle?: Answer<K>;
      /** True when no other process waits for what this writes. */
      silent?: boolean;
      run(context: Context, args: Arguments<K>): Answer<K>;
    };
