/** From which channel the tasks of a session are asked for: its later ones answer there, too. */
import type { Program } from '../../ports/backend.ts';
import { dropOrigins, originOf, putOrigin } from '../sql/deliveries.ts';
import type { Context, Operation } from './operation.ts';

/** Milliseconds that it is remembered: 30 days, as what was said in the session. */
const KEPT = 30 * 86_400_000;

export const origin: Operation<'origin'> = {
  kind: 'read',
  *run(_, { session }) {
    return (yield* originOf(session))?.address ?? null;
  },
};

export function* keepOrigin({ now }: Context, session: string, address: string): Program<void> {
  yield* dropOrigins(now - KEPT);
  yield* putOrigin(session, address, now);
}
