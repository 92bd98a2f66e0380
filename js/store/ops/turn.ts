/**
 * What a worker's process has for the store at one moment, in one transaction.
 *
 * 1. Each set of changes and each submit is judged and answered by itself; only a fault of the store undoes all of it, which is
 *    run again then.
 * 2. What attempts tell and submit before they end comes first, then the ends, so that no child is refused for an end of the
 *    same turn; then other newcomers, who meet the sessions and keys as the ends have left them.
 * 3. Then lent slots are given back (L4), and what may start is started (O, L): slots that were free, or that the ends have
 *    freed, go to newcomers of this turn as to all others. Where that is certain before, they are inserted as running.
 */
import type { Program } from '../../ports/backend.ts';
import { isSaid } from '../../wire/event.ts';
import { isTerminal } from '../../wire/task.ts';
import { nextLater, whoWaits } from '../sql/claim.ts';
import type { Change, Changed, Claims, Judged, Submit, Submitted } from '../types.ts';
import { changeAll, runsOf } from './change.ts';
import { begin } from './claim.ts';
import { endTogether } from './ends.ts';
import { Newcomers } from './newcomers.ts';
import type { Context, Operation } from './operation.ts';
import { judged } from './part.ts';
import { endsOf, isClaimable } from './poll.ts';
import { followUp } from './sequel.ts';
import { submitAll } from './submit.ts';

export const turn: Operation<'turn'> = {
  kind: 'write',
  mayBeIdle: ({ changes, submits, running }) => changes.length + submits.length + running.length === 0,
  *prepare(context, { worker, room, without = [] }) {
    return room > 0 && (yield* isClaimable(context, worker, without));
  },
  idle: { changed: [], submitted: [], started: [], returned: [], ended: [], waits: true, nextAt: null },
  *run(context, asked) {
    const { worker, changes, submits, room } = asked;
    const ends = new Set(changes.filter((set) => set.some(isEnd)));
    const others = changes.filter((set) => !ends.has(set));
    const isOfEnding = ending(ends);
    const changed = new Parts(context, changes, (set) => change(context, set));
    const newcomers = new Newcomers(context, asked);
    const submitted = new Parts(context, submits, (one) =>
      enter(context, one, isOfEnding(one) ? undefined : newcomers),
    );
    context.live?.decideAhead([...others, ...ends].flatMap(runsOf), context.now);
    yield* changed.run((set) => !ends.has(set));
    yield* submitted.run(isOfEnding);
    changed.answer(yield* endTogether(context, [...ends]), ([one]) => [brief(one as Changed)]);
    yield* changed.run((set) => ends.has(set));
    context.live?.endAhead();
    submitted.answer(yield* newcomers.enterTogether(submits.filter((one) => !isOfEnding(one))), (answer) => answer);
    yield* submitted.run((one) => !isOfEnding(one));
    yield* followUp(context);
    const before = newcomers.areAll ? newcomers.waiting : yield* whoWaits();
    const { started, returned } =
      newcomers.areAll || before.some + before.later === 0
        ? NONE
        : yield* begin(context, { ...asked, room: room - newcomers.mark() });
    const { some, later } = started.length + returned.length === 0 ? before : yield* whoWaits();
    return {
      changed: changed.all(),
      submitted: submitted.all(),
      started: [...newcomers.started, ...started],
      returned,
      ended: yield* endsOf(asked),
      waits: some + later > 0,
      nextAt: later === 0 ? null : ((yield* nextLater(worker, context.now))?.at ?? null),
    };
  },
};

function* change(context: Context, set: readonly Change[]): Program<(Changed | null)[]> {
  const changed = yield* changeAll(context, set);
  return changed.map((one, index) => (one === null || isWhole(set[index] as Change) ? one : brief(one)));
}

/** Who asks, or answers, goes on with what the record says. */
const isWhole = ({ command: { command } }: Change): boolean => !ENDS.includes(command) && !isSaid(command);

const brief = ({ id, changed, status, record, events }: Changed): Changed => ({
  id,
  changed,
  status,
  record: changed && isTerminal(status) ? record : '',
  events: events.map((event) => (FAILURES.includes(event.kind) ? event : { ...event, data: '' })),
});

/** Of these the data says why, and what follows. */
const FAILURES: readonly string[] = ['failed', 'retry_scheduled'];

const NONE: Claims = { started: [], returned: [] };

/** Of a submit that is refused no newcomer has started. */
function* enter(context: Context, one: Submit, newcomers: Newcomers | undefined): Program<Submitted> {
  const before = newcomers?.mark() ?? 0;
  try {
    return yield* submitAll(context, one, newcomers);
  } catch (error) {
    newcomers?.goBackTo(before);
    throw error;
  }
}

/** They end an execution, or what it does. */
const ENDS: readonly string[] = ['succeed', 'fail', 'lose', 'release', 'stopped', 'abandon', 'cancel'];

const isEnd = ({ command }: Change): boolean => ENDS.includes(command.command);

/** Whether some task of a submit is of an execution that ends by one of the sets. */
function ending(ends: ReadonlySet<readonly Change[]>): (submit: Submit) => boolean {
  let runs: ReadonlySet<string> | undefined;
  const all = (): ReadonlySet<string> => new Set([...ends].flatMap((set) => set.filter(isEnd).map(runOf)));
  return ({ tasks }) =>
    tasks.some((task) => {
      if (task.spec.parent_id == null) return false;
      runs ??= all();
      return runs.has(parentOf(task));
    });
}

/** Which execution a command is of. */
const runOf = ({ id, command }: Change): string => `${id} ${'epoch' in command ? command.epoch : ''}`;

const parentOf = ({ spec, parent }: Submit['tasks'][number]): string => `${spec.parent_id} ${parent?.epoch}`;

/** What is judged by itself, in whichever order, and answered in that of asking. */
class Parts<Asked, Answer> {
  readonly #context: Context;
  readonly #asked: readonly Asked[];
  readonly #answer: (asked: Asked) => Program<Answer>;
  readonly #answers: (Judged<Answer> | undefined)[];

  constructor(context: Context, asked: readonly Asked[], answer: (asked: Asked) => Program<Answer>) {
    this.#context = context;
    this.#asked = asked;
    this.#answer = answer;
    this.#answers = asked.map(() => undefined);
  }

  /** Those of which that is true, and which have no answer yet. */
  *run(isTheirTurn: (asked: Asked) => boolean): Program<void> {
    for (const [index, asked] of this.#asked.entries()) {
      if (this.#answers[index] !== undefined || !isTheirTurn(asked)) continue;
      this.#answers[index] = yield* judged(this.#context, this.#answer(asked));
    }
  }

  /** Answers those that were done together. */
  answer<Done>(done: ReadonlyMap<Asked, Done>, answerOf: (done: Done) => Answer): void {
    if (done.size === 0) return;
    this.#asked.forEach((asked, index) => {
      const one = done.get(asked);
      if (one !== undefined) this.#answers[index] = { answer: answerOf(one) };
    });
  }

  all(): Judged<Answer>[] {
    return this.#answers.map((answer) => answer as Judged<Answer>); // each has had its turn
  }
}
