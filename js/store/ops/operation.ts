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
      /**
       * Reading asks for it on the way: when the store cannot be written now it is left undone, answers `idle`, and the
       * reader goes on with what is stored. `current`: only in a file of the newest schema, since reading never upgrades one.
       */
      bestEffort?: 'current' | 'upgrade';
      /** Whoever asks for it in one turn of the event loop gets one answer. */
      isShared?: true;
      /** What was left undone is done before the next write. */
      isOwed?: true;
      /** True when it is only asked what it would do: a read then. */
      isLook?(args: Arguments<K>): boolean;
      /** True when nobody waits for it: it goes along with the next commit, if one comes soon. */
      isLate?(args: Arguments<K>): boolean;
      /** True when no other process waits for what this writes. */
      silent?: boolean;
      run(context: Context, args: Arguments<K>): Answer<K>;
    };
