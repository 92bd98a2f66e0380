/** What the harness and its worker processes say to each other. */
import type { Moment } from './clock.ts';

/** What a worker process begins a scenario with. */
export interface WorkerSetup {
  store: string;
  id: string;
  concurrency: number;
  maxConcurrent: number;
  moment: Moment;
  killGraceMs: number;
}

/** What the work of a task is told to do. */
export type Act =
  | { act: 'succeed' }
  | { act: 'fail'; message: string; retryable: boolean }
  | { act: 'stop' }
  | { act: 'ask'; key: string; expires: number | null }
  | { act: 'await'; child: string }
  | { act: 'submit'; name: string; request: Record<string, unknown> };

export type Request =
  | { do: 'begin'; setup: WorkerSetup }
  /** Sets the time and lets timers run. */
  | { do: 'time'; moment: Moment }
  /** Looks at the store, then does what is to be done at this moment; answered when nothing moves any more. */
  | { do: 'settle' }
  | { do: 'act'; task: string; act: Act }
  /** Takes nothing new, or does again. */
  | { do: 'pause'; paused: boolean }
  | { do: 'limit'; concurrency: number };

/** Answers carry what the work of tasks noticed since the last one. */
export interface Reply {
  id: number;
  noticed: string[];
  /** The tasks whose work began here, in order. */
  began: string[];
  /** When the next timer is due; null for never. */
  next: number | null;
  submitted?: { taskId: string; deduplicated: boolean };
  refused?: string;
  error?: string;
}
