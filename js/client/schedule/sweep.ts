/** Schedules, as a worker walks them. */
import type { Sweep } from '../../ports/sweep.ts';
import { loadCroner } from '../../schedule/cron.ts';
import type { VerbContext } from '../verb-context.ts';
import { fireDue } from './fire.ts';

/** Everything that it will ever need is loaded before: the package may be replaced. */
export async function scheduleSweep(context: VerbContext, { folders }: { folders: boolean }): Promise<Sweep> {
  await loadCroner();
  return new ScheduleSweep(context, folders ? 'worker' : 'code');
}

class ScheduleSweep implements Sweep {
  readonly name = 'schedules';
  readonly #context: VerbContext;
  readonly #by: 'worker' | 'code';

  constructor(context: VerbContext, by: 'worker' | 'code') {
    this.#context = context;
    this.#by = by;
  }

  async nextAt(): Promise<number | null> {
    return (await this.#due()).nextAt;
  }

  /** Each by itself: one that fails for a reason of the store's keeps no other from its turn. */
  async run(now: number, signal?: { readonly aborted: boolean }): Promise<number> {
    let fired = 0;
    let failure: unknown;
    const { rows, nextAt } = await this.#due();
    const at = Math.max(now, nextAt ?? now); // the store's time: what waits for the end of a task is due before its row says
    for (const row of rows) {
      if (signal?.aborted) break;
      await fireDue(this.#context, row, { now: at }).then(
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

  /** Of those that are for any worker of folders, and of the recipes in code that this client has. */
  #due() {
    return this.#context.run('dueSchedules', { by: this.#by, codes: [...this.#context.recipes.keys()] });
  }

  async stays(): Promise<boolean> {
    return (await this.#context.run('standby', {})).stays;
  }
}
