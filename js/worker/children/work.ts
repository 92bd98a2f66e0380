/** An attempt's code in a child process of its own. */
import type { RecipeSearch } from '../../recipe/index.ts';
import type { Claimed, Payloads, Store } from '../../store/types.ts';
import type { Environments, Lineage } from '../environment/environments.ts';
import type { Secret } from '../mask/forms.ts';
import type { AbortCause, FromChild } from '../protocol.ts';
import { type Plan, planOf } from '../source.ts';
import type { Reply, Work, WorkListener } from '../work.ts';
import type { Child } from './child.ts';
import { marked } from './env.ts';
import type { ChildPool } from './pool.ts';

export interface ChildWorkOptions {
  worker: string;
  store: Store;
  pool: ChildPool;
  environments: Environments;
  /** Where to look for a recipe whose stored folder is not here. */
  search: RecipeSearch | undefined;
}

/** Plans the run; throws when the recipe may not be run. No process is taken before it begins. */
export async function childWork(claimed: Claimed, options: ChildWorkOptions): Promise<Work> {
  return new ChildWork(claimed.id, await planOf(claimed, options.environments, options.search), options);
}

class ChildWork implements Work {
  readonly killable = true;
  readonly #task: string;
  readonly #plan: Plan;
  readonly #options: ChildWorkOptions;
  #child: Child | undefined;
  #run = 0;
  /** Whether the process said that nothing of the run goes on in it. */
  #clean = false;

  constructor(task: string, plan: Plan, options: ChildWorkOptions) {
    this.#task = task;
    this.#plan = plan;
    this.#options = options;
  }

  get secrets(): readonly Secret[] {
    return this.#plan.secrets;
  }

  valueOf(variable: string): string | undefined {
    return this.#plan.valueOf(variable);
  }

  get notes(): readonly string[] {
    return this.#plan.notes;
  }

  get lineage(): Lineage {
    return this.#plan.lineage;
  }

  async begin(listener: WorkListener, given: Payloads): Promise<void> {
    const { worker, store, pool } = this.#options;
    const child = await pool.take(this.#plan.key, this.#plan.start);
    await store.run('useGroup', { worker, pgid: child.group.pgid, task: this.#task }).catch((error) => {
      void pool.retire(child);
      throw error;
    });
    setImmediate(() => pool.warm());
    if (!listener.begins()) {
      void pool.retire(child);
      return listener.end({ kind: 'aborted' });
    }
    this.#child = child;
    child.runs += 1;
    this.#run = child.runs;
    child.listen({
      message: (message) => this.#hear(message, listener),
      lines: (lines) => listener.fact({ kind: 'log', lines }),
    });
    void child.gone.then((gone) => listener.end({ kind: 'gone', gone }));
    const { input = 'null', config = '{}' } = given;
    const { message } = this.#plan;
    child.send({ ...message, env: marked(message.env, worker), input, config, run: this.#run });
  }

  abort(cause: AbortCause, message: string): void {
    this.#child?.send({ kind: 'abort', run: this.#run, cause, message });
  }

  reply(reply: Reply): void {
    this.#child?.send({ kind: 'reply', run: this.#run, ...reply });
  }

  async hush(): Promise<void> {
    await this.#child?.unlisten();
  }

  async finish(trusted: boolean): Promise<boolean> {
    const child = this.#child;
    if (child === undefined || (trusted && this.#clean && child.alive)) return true;
    this.#child = undefined;
    return this.#options.pool.retire(child);
  }

  release(trusted: boolean): void {
    if (this.#child === undefined) return;
    if (trusted) this.#options.pool.give(this.#child, this.#plan.key);
    else void this.#options.pool.retire(this.#child);
  }

  #hear(message: FromChild, listener: WorkListener): void {
    if (message.kind === 'ready' || message.run !== this.#run) return;
    if (message.kind === 'not_begun') {
      listener.end(message);
    } else if (message.kind === 'call') {
      listener.call(message);
    } else if (message.kind === 'done') {
      const { outcome, clean } = message;
      this.#clean = clean && !(outcome.kind === 'error' && outcome.crashed);
      listener.end(outcome);
    } else {
      for (const fact of message.facts) listener.fact(fact);
    }
  }
}
