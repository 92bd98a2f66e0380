/**
 * Takes running attempts away, with what works for them.
 *
 * What a dead worker has left is killed before it is decided. What works for a living one is held still, and killed when the
 * attempt has been taken: else the worker would see its child die and decide first. If it was not, it goes on; it does so too when
 * this process dies meanwhile.
 */
import type { Binding, Group, Reaped, Recoverable, Recovered, Taken } from '../store/types.ts';
import { type Asked, reap } from './decisions.ts';
import { holdStill, killGroup, letGoOn } from './groups.ts';
import { Guard } from './guard.ts';

export interface Recovery {
  /** Null: all that are overdue, or with `force` all that run. */
  ids: readonly string[] | null;
  /** Also what is not overdue. */
  force: boolean;
  /** Whatever `onLost` says, they become pending again. */
  retry: boolean;
  /** Nothing is held, ended or changed: only what would become of each is answered. */
  dryRun: boolean;
  /** With `retry`: what is put back is bound anew, if this has all that it needs. */
  by?: Binding | null;
}

/** What became of each; those that are not recoverable are left out where no ids are given. */
export async function recover(store: Asked, { ids, force, retry, dryRun, by = null }: Recovery): Promise<Recovered[]> {
  const found = await store.run('recoverable', { ids, force, certain: !dryRun });
  const toTake = found.filter(isTakeable);
  if (dryRun || toTake.length === 0) return found.map(toldOf);
  const reaped = new Map<string, Promise<Reaped>>(); // what a dead worker has left ends once, however many tasks it had
  const guard = new Guard(toTake.flatMap(({ living }) => living?.groups ?? []));
  let held: Held[] = [];
  let answers: Recovered[] = [];
  try {
    held = await Promise.all(toTake.map((one) => hold(one, reaped)));
    answers = await store.run('recover', { taken: held.map(({ taken }) => taken), force, retry, by });
  } finally {
    const applied = new Set(answers.filter(({ result }) => result === 'applied').map(({ id }) => id));
    await Promise.all(held.map((one) => (applied.has(one.taken.id) ? end(one) : letAllGoOn(one))));
    guard.dismiss();
  }
  const known = new Map(answers.map((one) => [one.id, one]));
  return found.flatMap((one) => (isTakeable(one) ? (known.get(one.id) ?? []) : toldOf(one)));
}

type Takeable = Recoverable & { epoch: number };

const isTakeable = (one: Recoverable): one is Takeable => one.epoch !== null;

function toldOf({ id, status, epoch, uncertain }: Recoverable): Recovered {
  if (epoch !== null) return { id, result: 'would_apply', status };
  return { id, result: 'skipped_not_recoverable', status, ...(uncertain ? { uncertain } : {}) };
}

interface Held {
  taken: Taken;
  worker: string;
  /** They stand still. */
  groups: readonly Group[];
}

async function hold({ id, epoch, dead, living }: Takeable, reaped: Map<string, Promise<Reaped>>): Promise<Held> {
  if (dead !== null) {
    const ending = reaped.get(dead.worker) ?? reap(dead);
    reaped.set(dead.worker, ending);
    const { worker, isEnded } = await ending;
    return { taken: { id, epoch, stopped: isEnded }, worker, groups: [] };
  }
  const { worker, groups } = living ?? { worker: '', groups: [] };
  const still = await Promise.all(groups.map((group) => holdStill(group, worker)));
  const stopped = groups.length > 0 && still.every(Boolean); // code in the worker's own process cannot be stopped
  return { taken: { id, epoch, stopped }, worker, groups: groups.filter((_, index) => still[index]) };
}

const end = ({ worker, groups }: Held): Promise<unknown> =>
  Promise.all(groups.map((group) => killGroup(group, worker)));

const letAllGoOn = ({ groups }: Held): void => groups.forEach(letGoOn);
