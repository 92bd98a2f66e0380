/** What is told of a commit of here. */
import type { Commit, Topic } from '../../ports/backend.ts';
import type { Answered } from './reads.ts';

/** Whom a program of it concerns. */
export interface Wakes {
  wakes: readonly Topic[];
  /** Those whom it does not concern after all. */
  spares: ((answer: unknown) => readonly Topic[]) | undefined;
  /** The tasks that have ended by it; undefined: not known. */
  ended: ((answer: unknown) => readonly string[]) | undefined;
  /** The worker for which it has decided what may start. */
  looksFor: string | undefined;
}

/** It wrote what others may wait for (`loud`). One that found nothing to do wakes nobody, its own asker least of all. */
export type Done = Answered & { loud: boolean };

/** Both in the order in which they were run. */
export function commitOf(batch: readonly Wakes[], answers: readonly Done[]): Commit {
  const topics = new Set<Topic>();
  const ended: string[] = [];
  const looked = new Set<string>();
  let isKnown = true;
  answers.forEach((done, index) => {
    const { ended: endedBy, looksFor, ...about } = batch[index] as Wakes;
    if ('error' in done) return;
    const spared = about.spares?.(done.answer) ?? [];
    const wakes = about.wakes.filter((topic) => !spared.includes(topic));
    if (done.loud && wakes.includes('work')) looked.clear(); // what looked before has not seen it
    if (looksFor !== undefined) looked.add(looksFor);
    if (!done.loud) return;
    for (const topic of wakes) topics.add(topic);
    if (endedBy === undefined) isKnown = false;
    else ended.push(...endedBy(done.answer));
  });
  return {
    topics: [...topics],
    ...(isKnown ? { ended } : {}),
    ...(looked.size > 0 ? { looked: [...looked] } : {}),
  };
}
