/**
 * Who waits for what an operation has written, and which tasks it has ended.
 *
 * Only what is certain is left out: an operation that is not named here, or a command that is not, may concern everybody.
 */
import type { Topic } from '../ports/backend.ts';
import { SAID_KINDS } from '../wire/event.ts';
import { isTerminal } from '../wire/task.ts';
import type { Answer, Arguments } from './ops/operation.ts';
import type { Change, Changed, Ops, Submit } from './types.ts';

/** Everybody, whatever he waits for. */
export const EVERYBODY: readonly Topic[] = ['work', 'outcome', 'told', 'worker:*'];

interface Waking<K extends keyof Ops> {
  wakes(args: Arguments<K>): readonly Topic[];
  /** Whom it does not concern after all. */
  spares?(answer: Answer<K>): readonly Topic[];
  /** The tasks that have ended by it; without it nobody knows. */
  ended?(answer: Answer<K>): string[];
  /** The worker for which it decides what may start. */
  looksFor?(args: Arguments<K>): string | undefined;
}

const WAKING: { readonly [K in keyof Ops]?: Waking<K> } = {
  submit: { wakes: topicsOfSubmit },
  claim: { wakes: () => ['told'], looksFor: ({ worker }) => worker },
  lend: { wakes: () => ['work'] },
  reclaim: { wakes: () => ['work'] },
  change: {
    wakes: ({ changes }) => [...new Set(changes.flatMap(topicsOf))],
    ended: endedBy,
  },
  turn: {
    wakes: ({ changes, submits }) => {
      return [...new Set(['told' as const, ...changes.flat().flatMap(topicsOf), ...submits.flatMap(topicsOfSubmit)])];
    },
    ended: ({ changed }) => changed.flatMap((one) => ('answer' in one ? endedBy(one.answer) : [])),
    spares: ({ waits }) => (waits ? [] : ['work']),
    looksFor: ({ worker, room }) => (room > 0 ? worker : undefined),
  },
};

/** Whoever interrupts ends others. */
function topicsOfSubmit({ tasks }: Submit): readonly Topic[] {
  return tasks.some(({ onConflict }) => onConflict === 'interrupt') ? EVERYBODY : ['work', 'told'];
}

function endedBy(changed: readonly (Changed | null)[]): string[] {
  return changed.flatMap((one) => (one?.changed && isTerminal(one.status) ? one.id : []));
}

/** What an attempt says of itself and that touches no other task: one that fails takes its children along. */
const OWN: { readonly [command: string]: readonly Topic[] } = {
  ...Object.fromEntries(SAID_KINDS.map((kind) => [kind, ['told']] as const)),
  step: ['told'],
  succeed: ['work', 'outcome', 'told'],
  stopped: ['work', 'told'],
};

const topicsOf = ({ command: { command } }: Change): readonly Topic[] => OWN[command] ?? EVERYBODY;

export const wakesOf = <K extends keyof Ops>(name: K, args: Arguments<K>): readonly Topic[] =>
  (WAKING[name] as Waking<K> | undefined)?.wakes(args) ?? EVERYBODY;

export const sparesOf = <K extends keyof Ops>(name: K): Waking<K>['spares'] =>
  (WAKING[name] as Waking<K> | undefined)?.spares;

/** Undefined: others may have ended as well. */
export function endedOf<K extends keyof Ops>(name: K, wakes: readonly Topic[]): Waking<K>['ended'] {
  if (!wakes.includes('outcome')) return () => [];
  return wakes.includes('worker:*') ? undefined : (WAKING[name] as Waking<K> | undefined)?.ended;
}

export const looksFor = <K extends keyof Ops>(name: K, args: Arguments<K>): string | undefined =>
  (WAKING[name] as Waking<K> | undefined)?.looksFor?.(args);
