/** What runs the code of an attempt: a process of the pool, or this one. */
import type { ErrorData } from '../errors/index.ts';
import type { AttemptGiven } from '../ports/hooks.ts';
import type { Changed, Payloads } from '../store/types.ts';
import type { TaskTrace } from '../wire/carried.ts';
import type { Soon } from '../wire/soon.ts';
import type { TaskStatus } from '../wire/task.ts';
import type { Ending } from './conclude.ts';
import type { Lineage } from './environment/environments.ts';
import type { AbortCause, CallMessage, Fact, Outcome } from './protocol.ts';
import type { Values } from './secrets.ts';

/** What an attempt is told by its work. */
export interface WorkListener {
  /** The code begins right after that: its time runs. False: it must not begin any more. */
  begins(): boolean;
  fact(fact: Fact): void;
  call(call: CallMessage): void;
  /** The first end counts. */
  end(ending: Ending): void;
}

/** What became of a call. */
export type Reply = { call: number; value: string } | { call: number; error: ErrorData };

/** What hooks give the code; without them there is nothing. */
export type Surrounding = Pick<AttemptGiven, 'trace' | 'within'>;

export interface Work extends Values {
  /** What the task's log should say. */
  readonly notes: readonly string[];
  /** Whose environment it has, for the tasks that it submits; absent in this process, which has its own. */
  readonly lineage?: Lineage | undefined;
  /** The span of the attempt; absent: it has none of its own. */
  readonly trace?: TaskTrace | undefined;
  /** Whether it can be ended against its will. */
  readonly killable: boolean;
  /**
   * Begins, with the payloads as code gets them. Undefined when the code is on its way at once, else a promise for that, which
   * rejects with a `NotBegunError` when it cannot be begun here and now.
   */
  begin(listener: WorkListener, given: Payloads, by?: Surrounding): Promise<void> | undefined;
  /** Which version is run, now that the code has said whether it `serves` tasks of this one's; null: none. */
  versionFor?(serves: boolean): Promise<string | null>;
  /** Tells the code to end. */
  abort(cause: AbortCause, message: string): void;
  reply(reply: Reply): void;
  /** After the end, until all that the code said has been heard; undefined: it has. Nothing is told after that. */
  hush(): Promise<void> | undefined;
  /**
   * After `hush`: ends whatever goes on, unless `trusted` and it ended cleanly. Answers whether nothing of it goes on.
   */
  finish(trusted: boolean): Soon<boolean>;
  /** After the last commit. `trusted`: what it ran on may be used again. */
  release(trusted: boolean): void;
  /** Told what was stored of it. */
  told?(events: Changed['events']): void;
  /** Told last: what became of the task; undefined: not known. */
  decided?(status: TaskStatus | undefined): void;
  /** How code that was given up ended after all; absent when it was killed or has ended. */
  late?(): Promise<Outcome>;
}
