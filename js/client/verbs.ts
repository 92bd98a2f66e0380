/** The verbs over a store, in wire JSON: what the CLI prints and what the TypeScript `Client` is made of. */
import type { LocalVerbs, SubmitRequest, TaskVerbs } from '../ports/verbs.ts';
import type { Submitted, SubmittedBriefly, WaitedOutcome } from '../wire/answers.ts';
import type { SubmitOnce } from '../wire/requests.ts';
import type { HandleWaitOptions } from '../wire/task-handle.ts';

export type { SubmitRequest } from '../ports/verbs.ts';

/** All verbs; recipes may be code. */
export interface Verbs extends TaskVerbs, LocalVerbs {
  submit(requests: readonly SubmitRequest[], how?: SubmitOnce): Promise<Submitted[]>;
  /** The same, and tells of each what its handle shows. */
  submitBriefly(requests: readonly SubmitRequest[], how?: SubmitOnce): Promise<SubmittedBriefly[]>;
  /**
   * As `wait`, for who wants the outcome of one task alone: of one that has completed nothing but its result is read, and that it
   * was seen is stored a little later.
   */
  outcome(id: string, options?: HandleWaitOptions): Promise<WaitedOutcome>;
  check(request: SubmitRequest): Promise<void>;
}
