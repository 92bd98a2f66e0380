/** Schedules, as a worker walks them. */
import type { Sweep } from '../../ports/sweep.ts';
import { loadCroner } from '../../schedule/cron.ts';
import type { VerbContext } from '../verb-context.ts';
import { fireDue } from './fire.ts';

/** Everything that it will ever need is loaded before: the package may be replaced. */
export async function scheduleSweep(context: VerbContext): Promise<Sweep> {
  await loadCroner();
  return new ScheduleSweep(context);
}

class ScheduleSweep implements Sweep {
  readonly name = 'schedules';
  readonly #context: VerbContext;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  async nextAt(): Promise<number | null> {
    return (await this.#due()).nextAt;
  }

  /** Each by itself: one that fails for a reason of the store's keeps no other from its turn. */
  async run(now: number, signal?: { readonly aborted: boolean }): Promise<number> {
    let fired = 0;
    let failure: unknown;
    for (const row of (await this.#due()).rows) {
      if (signal?.aborted) break;
      await fireDue(this.#context, row, { now: Math.max(now, row.due_at ?? now) }).then(
        (done) => {
          if (done !== undefined) fired += 1;
        },
        (error) => {
          failure ??= error;
        },
      );
    }
    if (fired === 0 && failure !== undefined) throw failure;
    return fired;
  }

  /** Of those that are for any worker, and of the recipes in code that this client has. */
  #due() {
    return this.#context.run('dueSchedules', { by: 'worker', codes: [...this.#context.recipes.keys()] });
  }

  async stays(): Promise<boolean> {
    return (await this.#context.run('standby', {})).stays;
  }
}
