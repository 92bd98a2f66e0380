/** What time makes due beside the tasks: every worker of a client runs these. */
import type { Sweep } from '../../ports/sweep.ts';
import type { VerbContext } from '../verb-context.ts';
import { type Handed, senderOf, typingOf } from './tell.ts';

/** A new one is a line here, and in `store/ops/stays.ts` where a worker is to stay, or to be started, for it. */
const MAKERS: readonly ((context: VerbContext, handed: Handed) => Promise<Sweep>)[] = [
  senderOf,
  typingOf,
  async (context) => (await import('../schedule/sweep.ts')).scheduleSweep(context),
];

/** Those of a client, which belong to its worker: another worker gets others. `handed`: what submitters have given to it. */
export const sweepsOf = (context: VerbContext, handed: Handed = () => undefined): Promise<Sweep[]> =>
  Promise.all(MAKERS.map((make) => make(context, handed)));
