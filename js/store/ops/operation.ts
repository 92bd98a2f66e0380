import type { Program } from '../../ports/backend.ts';
import type { Context } from '../operation-context.ts';
import type { Ops } from '../types.ts';

export type { Context } from '../operation-context.ts';

export type Arguments<K extends keyof Ops> = Parameters<Ops[K]>[0];
export type Answer<K extends keyof Ops> = ReturnType<Ops[K]>;

/** One operation: reads run in a snapshot, writes in a transaction that nobody else writes beside. */
export type Operation<K extends keyof Ops> = Reading<K> | Writing<K>;

export interface Reading<K extends keyof Ops> {
  kind: 'read';
  run(context: Context, args: Arguments<K>): Program<Answer<K>>;
}

export interface Writing<K extends keyof Ops> {
  kind: 'write';
  /** Looks, in a snapshot, whether there is anything to write, so that a look costs no write lock. `run` judges anew. */
  prepare?(context: Context, args: Arguments<K>): Program<boolean>;
  /** False when there is something to write for sure: then nobody looks before. */
  mayBeIdle?(args: Arguments<K>): boolean;
  /** The answer when `prepare` finds nothing to write. */
  idle?: Answer<K>;
  /**
   * Reading asks for it on the way: when the store cannot be written now it is left undone, answers `idle`, and the
   * reader goes on with what is stored. `current`: only in a store of the newest schema, since reading never upgrades one.
   */
  bestEffort?: 'current' | 'upgrade';
  /** What was left undone is done before the next write. */
  isOwed?: true;
  /** True when it is only asked what it would do: a read then. */
  isLook?(args: Arguments<K>): boolean;
  /** True when nobody waits for it: it goes along with the next commit, if one comes soon. */
  isLate?(args: Arguments<K>): boolean;
  /** True when no other process waits for what this writes. */
  silent?: boolean;
  run(context: Context, args: Arguments<K>): Program<Answer<K>>;
}
