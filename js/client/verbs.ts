/** The verbs over a store, in wire JSON: what the CLI prints and what the TypeScript `Client` is made of. */
import type { LocalVerbs, SubmitRequest, TaskVerbs } from '../ports/verbs.ts';
import type { Submitted, SubmittedBriefly } from '../wire/answers.ts';
import type { SubmitOnce } from '../wire/requests.ts';

export type { SubmitRequest } from '../ports/verbs.ts';

/** All verbs; recipes may be code. */
export interface Verbs extends TaskVerbs, LocalVerbs {
  submit(requests: readonly SubmitRequest[], how?: SubmitOnce): Promise<Submitted[]>;
  /** The same, and tells of each what its handle shows. */
  submitBriefly(requests: readonly SubmitRequest[], how?: SubmitOnce): Promise<SubmittedBriefly[]>;
  check(request: SubmitRequest): Promise<void>;
}
