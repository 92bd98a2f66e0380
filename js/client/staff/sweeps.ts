/** What time makes due beside the tasks: every worker of a client runs these. */
import type { Sweep } from '../../ports/sweep.ts';
import type { VerbContext } from '../verb-context.ts';
import { type Handed, removedOf, senderOf, typingOf } from './tell.ts';

/** What its worker has. */
export interface Beside {
  /** It runs recipes that are folders. */
  folders: boolean;
  /** What submitters have handed to it. */
  handed: Handed;
}

/** A new one is a line here, and in `store/ops/stays.ts` where a worker is to stay, or to be started, for it. */
const MAKERS: readonly ((context: VerbContext, of: Beside) => Promise<Sweep>)[] = [
  (context, { handed }) => senderOf(context, handed),
  (context, { handed }) => typingOf(context, handed),
  (context) => removedOf(context),
  async (context, of) => (await import('../schedule/sweep.ts')).scheduleSweep(context, of),
];

/** Those of a client, which belong to its worker: another worker gets others. */
export const sweepsOf = (context: VerbContext, of: Beside): Promise<Sweep[]> =>
  Promise.all(MAKERS.map((make) => make(context, of)));
