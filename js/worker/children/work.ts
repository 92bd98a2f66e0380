/** An attempt's code in a child process of its own. */
import type { RecipeSearch } from '../../recipe/index.ts';
import type { Claimed, Payloads, Store } from '../../store/types.ts';
import type { Environments, Lineage } from '../environment/environments.ts';
import type { Secret } from '../mask/forms.ts';
import { NotBegunError } from '../not-begun.ts';
import type { AbortCause, FromChild } from '../protocol.ts';
import { type Plan, planOf, spanOf } from '../source.ts';
import { agreedVersion, OtherCodeError } from '../which-code.ts';
import type { Reply, Surrounding, Work, WorkListener } from '../work.ts';
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
  /** The task is held since its code has changed, or has failed for that. */
  onOtherCode(id: string): void;
  /** Told what whoever runs this worker should know; the same thing may be said again. */
  onWarning(text: string): void;
}

/**
 * Plans the run; throws when the recipe may not be run, or not by this task. No process is taken before it begins. Whether
 * a module serves older versions it says itself, once it is loaded.
 */
export async function childWork(claimed: Claimed, options: ChildWorkOptions): Promise<Work> {
  const plan = await planOf(claimed, options.environments, options.search);
  const work = new ChildWork(claimed, plan, options);
  if (plan.warning !== undefined) options.onWarning(plan.warning);
  if (plan.message.asks !== true) await work.agree(false);
  return work;
}

class ChildWork implements Work {
  readonly killable = true;
  readonly #claimed: Claimed;
  readonly #plan: Plan;
  readonly #options: ChildWorkOptions;
  /** The one that is run; the task's own until that is decided. */
  #version: string;
  #child: Child | undefined;
  #run = 0;
  /** Whether the process said that nothing of the run goes on in it. */
  #clean = false;

  constructor(claimed: Claimed, plan: Plan, options: ChildWorkOptions) {
    this.#claimed = claimed;
    this.#plan = plan;
    this.#version = plan.message.task.version;
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

  /** Throws `OtherCodeError` when the code that is there must not be run. */
  async agree(serves: boolean): Promise<string> {
    const { code, known } = this.#plan;
    const { version = known.version ?? undefined, digest } = code;
    if (version === undefined) return '';
    try {
      const { id, attempt, epoch } = this.#claimed;
      const found = { version, digest, serves };
      this.#version = await agreedVersion(this.#options.store, { id, attempt, epoch }, known, found);
      return this.#version;
    } catch (error) {
      if (error instanceof OtherCodeError) this.#options.onOtherCode(this.#claimed.id);
      throw error;
    }
  }

  async versionFor(serves: boolean): Promise<string | null> {
    return this.agree(serves).catch((error) => {
      if (error instanceof NotBegunError) return null;
      throw error;
    });
  }

  async begin(listener: WorkListener, given: Payloads, by?: Surrounding): Promise<void> {
    const { worker, pool } = this.#options;
    const { key, start } = this.#plan;
    const child = (await pool.takeNoted(this.#claimed, key, start)) ?? (await this.#take());
    if (pool.lacksSpare) setImmediate(() => pool.warm());
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
      gone: (gone) => listener.end({ kind: 'gone', gone }),
    });
    const { input = 'null', config = '{}' } = given;
    const { message, env } = this.#plan;
    const task = { ...message.task, version: this.#version, ...spanOf(by?.trace) };
    child.run({ ...message, task, input, config, run: this.#run }, marked(env, worker, task.trace));
  }

  /** One of which the store knows from now on for which task it works. */
  async #take(): Promise<Child> {
    const { worker, store, pool } = this.#options;
    const child = await pool.take(this.#plan.key, this.#plan.start);
    await store.run('useGroup', { worker, pgid: child.group.pgid, task: this.#claimed.id }).catch((error) => {
      void pool.retire(child);
      throw error;
    });
    return child;
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
    const { pool } = this.#options;
    if (child === undefined) return true;
    if (trusted && this.#clean && child.alive) {
      pool.announce(child, this.#plan.key, this.#plan.start, this.#claimed.fit);
      return true;
    }
    this.#child = undefined;
    return pool.retire(child);
  }

  release(trusted: boolean): void {
    if (this.#child === undefined) return;
    if (trusted) this.#options.pool.give(this.#child, this.#plan.key, this.#plan.start, this.#claimed.fit);
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
