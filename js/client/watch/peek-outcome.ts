/**
 * How tasks stand, for those who wait for their outcomes: one look for all who ask in one turn of the event loop, in the order of
 * asking. Many are looked at by several looks, so that the first are told while the last are read. Who cannot be asked for together is
 * asked for alone: what is wrong with one id is told to who gave it.
 */
import { isTaskError } from '../../errors/base.ts';
import { unreadOf } from '../../store/envelope.ts';
import { atEndOfTurn } from '../../store/turn.ts';
import type { CompletedTask, StoredTask } from '../../store/types.ts';
import type { VerbContext } from '../verb-context.ts';
import { notThere, peek } from '../verbs/read.ts';

/** Tasks of one look; and looks that may be under way: while one is read the answers of the other are told. */
const MOST = 128;
const UNDER_WAY = 2;

/** What came of a task, without what it was given. */
export const OUTCOME = ['result', 'error_details'] as const;

type Stands = StoredTask | CompletedTask;

interface Asked {
  id: string;
  resolve(stands: Stands | null): void;
  reject(error: unknown): void;
}

class Looks {
  readonly #context: VerbContext;
  #asked: Asked[] = [];
  #underWay = 0;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  ask(id: string): Promise<Stands | null> {
    return new Promise((resolve, reject) => {
      if (this.#asked.push({ id, resolve, reject }) === 1) atEndOfTurn(() => this.#go());
    });
  }

  #go(): void {
    while (this.#asked.length > 0 && this.#underWay < UNDER_WAY) void this.#look(this.#asked.splice(0, MOST));
  }

  async #look(asked: readonly Asked[]): Promise<void> {
    this.#underWay += 1;
    try {
      const found = await this.#context.run('outcomes', { ids: asked.map(({ id }) => id) });
      asked.forEach(({ resolve }, index) => {
        resolve(found[index] ?? null);
      });
    } catch (error) {
      if (asked.length === 1 || isOfStore(error)) for (const { reject } of asked) reject(error);
      else await Promise.all(asked.map((one) => this.#lookAlone(one)));
    } finally {
      this.#underWay -= 1;
      this.#go();
    }
  }

  #lookAlone({ id, resolve, reject }: Asked): Promise<void> {
    return this.#context.run('outcomes', { ids: [id] }).then(([stands]) => resolve(stands ?? null), reject);
  }
}

/** Nobody can be told more: the store cannot be asked, or the core in it. */
const isOfStore = (error: unknown): boolean =>
  isTaskError(error) && (error.code === 'store' || error.code === 'core_dead');

const all = new WeakMap<VerbContext, Looks>();

/** The task with its outcome, if it has ended; of one that has completed and can be read here only that. */
export async function peekOutcome(context: VerbContext, id: string): Promise<Stands> {
  const looks = all.get(context) ?? new Looks(context);
  all.set(context, looks);
  const stands = (await looks.ask(id)) ?? notThere(context, id);
  return stands.record === undefined && unreadOf(stands.payloads) ? peek(context, id, OUTCOME) : stands;
}
