/** Work that does nothing by itself. */
import { NonRetryableError } from '#offstage/errors/index.js';
import type { RecipeContext } from '#offstage/ports/recipe.js';
import { defineRecipe } from '#offstage/recipe/define.js';
import type { BackgroundTaskHandle } from '#offstage/wire/task-handle.js';
import { why } from '../why.ts';
import type { Act, Reply } from './messages.ts';

/** The work of the execution that began last here. */
interface Puppet {
  ctx: RecipeContext;
  resolve(): void;
  reject(error: unknown): void;
}

export class Puppets {
  readonly recipe = defineRecipe({ name: 'puppet', run: (_input: unknown, ctx: RecipeContext) => this.#run(ctx) });
  readonly #puppets = new Map<string, Puppet>();
  readonly #children = new Map<string, BackgroundTaskHandle>();
  #noticed: string[] = [];
  #began: string[] = [];

  /** What was noticed, and which began, since it was asked last. */
  take(): Pick<Reply, 'noticed' | 'began'> {
    const taken = { noticed: this.#noticed, began: this.#began };
    this.#noticed = [];
    this.#began = [];
    return taken;
  }

  #run(ctx: RecipeContext): Promise<void> {
    const { name, signal } = ctx;
    this.#began.push(name);
    signal.addEventListener('abort', () => this.#noticed.push(`${name} aborted ${why(signal.reason)}`));
    return new Promise((resolve, reject) => this.#puppets.set(name, { ctx, resolve, reject }));
  }

  async act(task: string, act: Act): Promise<Partial<Reply>> {
    const puppet = this.#puppets.get(task);
    if (puppet === undefined) throw new Error(`'${task}' does not run here`);
    const { ctx, resolve, reject } = puppet;
    if (act.act === 'succeed') resolve();
    if (act.act === 'fail') reject(act.retryable ? new Error(act.message) : new NonRetryableError(act.message));
    if (act.act === 'stop') reject(ctx.signal.reason);
    if (act.act === 'ask') {
      const expires = act.expires === null ? {} : { expires: act.expires };
      this.#goesOn(task, ctx.requestInput({ key: act.key, message: 'May I?', ...expires }));
    }
    if (act.act === 'await') this.#goesOn(task, this.#child(act.child).wait(), true);
    return act.act === 'submit' ? this.#submit(ctx, act.name, act.request) : {};
  }

  async #submit(ctx: RecipeContext, name: string, request: Record<string, unknown>): Promise<Partial<Reply>> {
    const handle = await ctx.submit({ recipe: this.recipe.name, name, ...request });
    this.#children.set(name, handle);
    const { deduplicated = false } = handle as { deduplicated?: boolean };
    return { submitted: { taskId: handle.taskId, deduplicated } };
  }

  #child(name: string): BackgroundTaskHandle {
    const child = this.#children.get(name);
    if (child === undefined) throw new Error(`'${name}' was not submitted here`);
    return child;
  }

  /** Notes when the work goes on; told to end, it stops to wait for an answer, but has awaited its child. */
  #goesOn(name: string, waits: Promise<unknown>, anyhow = false): void {
    const note = (): void => void this.#noticed.push(`${name} goes on`);
    waits.then(note, anyhow ? note : () => {});
  }
}
