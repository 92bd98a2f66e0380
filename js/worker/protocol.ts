/** What a worker and its child processes say to each other. Values of users cross as JSON text. */

import type { ErrorData } from '../errors/index.ts';
import type { Program } from '../ports/program.ts';
import type { TaskTrace } from '../wire/carried.ts';
import type { Note } from '../wire/note.ts';
import type { ToldProgress } from '../wire/progress.ts';
import type { TaskErrorJson } from '../wire/task.ts';
import type { StoredUsage, Used } from '../wire/usage.ts';

/** Worker to child: run this. `run` numbers the runs of one child; what carries another number is too late. */
export interface RunMessage {
  kind: 'run';
  run: number;
  program: Program;
  /** All variables of the run; absent: those of the run before in that process. */
  env?: Readonly<Record<string, string>>;
  task: {
    taskId: string;
    name: string;
    sessionId: string | null;
    attempt: number;
    /** The one that the task knows. */
    version: string;
    /** What it has used of models before this run. */
    used?: StoredUsage;
    /** The span of the attempt, else the one that submitted the task. */
    trace?: TaskTrace;
  };
  /** The recipe is of another version than the task: what the module says of older ones decides whether it is run. */
  asks?: true;
  input: string;
  config: string;
}

/** Why a run is told to end. */
export type AbortCause = 'cancelled' | 'timeout';

/** Worker to child: end this run; the message becomes that of `signal.reason`. */
export interface AbortMessage {
  kind: 'abort';
  run: number;
  cause: AbortCause;
  message: string;
}

/** What a run can ask its worker; see `Methods` in inside/calls.ts for what each one takes and gives. */
export type Method =
  | 'code'
  | 'stepGet'
  | 'stepPut'
  | 'ask'
  | 'submit'
  | 'get'
  | 'wait'
  | 'cancel'
  | 'events'
  | 'respond'
  | 'conversation';

/** Child to worker: do this for me. `call` numbers the calls of one run; `args` is JSON text. */
export interface CallMessage {
  kind: 'call';
  run: number;
  call: number;
  method: Method;
  args: string;
}

/** Worker to child: what became of a call; `value` is JSON text. A run that is told to end may get none. */
export type ReplyMessage =
  | { kind: 'reply'; run: number; call: number; value: string }
  | { kind: 'reply'; run: number; call: number; error: ErrorData };

export type ToChild = RunMessage | AbortMessage | ReplyMessage;

/** How a run ended, as its child tells it. */
export type Outcome =
  | { kind: 'value'; json: string }
  /** `crashed`: nothing in that process can be trusted any more. */
  | { kind: 'error'; error: TaskErrorJson; crashed: boolean }
  /** The code ended because it was told to. */
  | { kind: 'aborted' };

/** Child to worker: the run is over. `clean`: nothing that it began goes on in the process. */
export interface DoneMessage {
  kind: 'done';
  run: number;
  outcome: Outcome;
  clean: boolean;
}

/** What a run tells about itself while it goes on. */
export type Fact =
  | ({ kind: 'progress' } & ToldProgress)
  /** One line each, in order. */
  | { kind: 'log'; lines: string[] }
  /** JSON text. */
  | { kind: 'output'; chunk: string }
  /** Never left out. */
  | { kind: 'usage'; used: Used }
  | Note
  /** So many events came faster than they could be passed on. */
  | { kind: 'left_out'; events: number };

/** Child to worker: what a run told since the last message of this kind, in order. */
export interface FactsMessage {
  kind: 'facts';
  run: number;
  facts: Fact[];
}

export type FromRun = FactsMessage | CallMessage;

/** Child to worker, before anything else: it has loaded all that runs need, and is of this version of the package. */
export interface ReadyMessage {
  kind: 'ready';
  version: string;
}

/** Child to worker: nothing of the run's code has run, and nothing will; this process is of no use. */
export interface NotBegunMessage {
  kind: 'not_begun';
  run: number;
  reason: string;
}

export type FromChild = ReadyMessage | NotBegunMessage | FromRun | DoneMessage;

/**
 * Passes a message on. False: it is taken, but the way is full, and `onRoom` is called when it is not any more; whoever
 * can should wait for that.
 */
export type Say = (message: FromRun, onRoom?: () => void) => boolean;
