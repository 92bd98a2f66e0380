/** A worker process of the harness: the real worker over the real store, on a clock that is set from outside. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { knowRecipe } from '#offstage/client/known-recipes.js';
import { familyOf } from '#offstage/client/staff/family.js';
import { VerbContext } from '#offstage/client/verb-context.js';
import { isTaskError, StoreError } from '#offstage/errors/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { runWorker } from '#offstage/worker/index.js';
import { liveRow } from '#offstage/worker/row.js';
import { ROOT } from '../../root.ts';
import { SetClock } from './clock.ts';
import type { Act, Reply, Request, WorkerSetup } from './messages.ts';
import { Puppets } from './puppets.ts';
import { withGrace } from './with-grace.ts';

/** What is on in this process: one scenario after the other, each with a store, a clock and a worker of its own. */
let scene: Scene | undefined;

process.on('message', async (request: Request & { id: number }) => {
  let reply: Partial<Reply>;
  try {
    reply = request.do === 'begin' ? await begin(request.setup) : await (scene as Scene).perform(request);
    await scene?.quiet();
  } catch (error) {
    reply = { error: String((error as Error).stack) };
  }
  const noticed = scene?.puppets.take() ?? { noticed: [], began: [] };
  process.send?.({ id: request.id, next: scene?.clock.next() ?? null, ...noticed, ...reply });
});
process.on('disconnect', () => process.exit());

/** The scene before ends as a worker whose store is lost: what it has under way is left behind. */
async function begin(setup: WorkerSetup): Promise<Partial<Reply>> {
  await scene?.close();
  scene = new Scene(setup);
  await scene.start();
  return {};
}

class Scene {
  readonly clock: SetClock;
  readonly puppets = new Puppets();
  readonly #setup: WorkerSetup;
  /** Who wants to know of commits; they are woken when the harness says so, and only then. */
  readonly #listeners = new Set<() => void>();
  #store!: Store;
  #closed = false;
  #open = 0;
  #calls = 0;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
    this.clock = new SetClock(setup.moment);
  }

  async start(): Promise<void> {
    const { store: path, id, concurrency, maxConcurrent, killGraceMs } = this.#setup;
    const real = await openStore(path, { mount: 'direct', now: this.clock.now });
    this.#store = this.#counted(withGrace(real, killGraceMs));
    const context = await VerbContext.open({ store: path, worker: 'none', openStore: async () => this.#store });
    knowRecipe(context, this.puppets.recipe);
    const tell = (text: string): void => {
      if (!this.#closed) process.stderr.write(`${id}: ${text}\n`);
    };
    const options = {
      id,
      concurrency,
      maxConcurrent,
      folders: false,
      recipes: [this.puppets.recipe],
      clock: this.clock,
    };
    runWorker(this.#store, { ...options, family: familyOf(context), onTrouble: tell }).catch((error) =>
      tell(error.stack),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#store.close();
  }

  /** The real store, counting what is under way. */
  #counted(store: Store): Store {
    return {
      path: store.path,
      folder: store.folder,
      run: async (op, args) => {
        if (this.#closed) throw new StoreError('the scene is over');
        this.#open += 1;
        this.#calls += 1;
        return store.run(op, args).finally(() => {
          this.#open -= 1;
        });
      },
      watch: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      keepLease: () => {},
      dropLease: () => {},
      close: () => store.close(),
    };
  }

  /** Resolves when nothing is under way and nothing begins any more. */
  async quiet(): Promise<void> {
    for (let still = 0, seen = this.#calls; still < 12; still++) {
      await turn();
      if (this.#open > 0 || this.#calls !== seen) still = 0;
      seen = this.#calls;
    }
  }

  async perform(request: Exclude<Request, { do: 'begin' }>): Promise<Partial<Reply>> {
    const { id, concurrency } = this.#setup;
    if (request.do === 'act') return this.#act(request.task, request.act);
    if (request.do === 'time') this.clock.set(request.moment);
    if (request.do === 'settle') for (const listener of [...this.#listeners]) listener();
    if (request.do === 'pause' && request.paused) await this.#store.run('stopping', { worker: id });
    if (request.do === 'pause' && !request.paused) await this.#register({ concurrency });
    if (request.do === 'limit') {
      await this.#register({ concurrency: request.concurrency, max_concurrent: request.concurrency });
    }
    return {};
  }

  async #register(more: { concurrency: number; max_concurrent?: number }): Promise<void> {
    const { id, concurrency, maxConcurrent } = this.#setup;
    const abilities = { concurrency, maxConcurrent, folders: false, recipes: [this.puppets.recipe.name] };
    await this.#store.run('register', { row: { ...liveRow(id, abilities, this.clock.now()), ...more } });
  }

  async #act(task: string, act: Act): Promise<Partial<Reply>> {
    try {
      return await this.puppets.act(task, act);
    } catch (error) {
      if (!isTaskError(error)) throw error;
      return { refused: error.code };
    }
  }
}

/** What is loaded only when it is first needed would be under way without anybody knowing. */
for (const room of ['client', 'recipe', 'worker', 'worker/inside', 'wire', 'store/ops']) {
  const folder = join(ROOT, 'dist', room);
  const files = readdirSync(folder).filter((name) => name.endsWith('.js') && !/^(main|detached)\.js$/.test(name));
  for (const file of files) await import(pathToFileURL(join(folder, file)).href);
}
process.send?.({ id: 0 });
