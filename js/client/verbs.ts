/** The verbs over a store, in wire JSON: what the CLI prints and what the TypeScript `Client` is made of. */
import type { LocalVerbs, SubmitRequest, TaskVerbs } from '../ports/verbs.ts';
import type { Submitted } from '../wire/answers.ts';
import type { SubmitOnce } from '../wire/requests.ts';

export type { SubmitRequest } from '../ports/verbs.ts';

/** All verbs; recipes may be code. */
export interface Verbs extends TaskVerbs, LocalVerbs {
  submit(requests: readonly SubmitRequest[], how?: SubmitOnce): Promise<Submitted[]>;
  check(request: SubmitRequest): Promise<void>;
}
