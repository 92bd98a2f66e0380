/** `recipe.*`: recipes by name, over the store that is found from the working directory. */
import type { BackgroundTaskHandle, Client, Duration, TaskSpec } from './client/index.ts';
import type { RecipeFolder } from './recipe/index.ts';

/** How to run a recipe; everything of `TaskSpec` but the recipe itself. */
export interface RunOptions extends Omit<TaskSpec, 'recipe'> {
  /** The store's file. Default: found from the working directory. */
  store?: string;
}

/** Runs recipes and tells which there are. */
export interface RecipeApi {
  /** Submits a recipe; resolves with its handle when the task is durable. A worker is started when none lives. */
  runBackground<Result = unknown>(name: string, options?: RunOptions): Promise<BackgroundTaskHandle<Result>>;
  /** Submits a recipe and waits for its result; rejects as `handle.wait` does. `waitTimeout` limits the wait only. */
  run<Result = unknown>(name: string, options?: RunOptions & { waitTimeout?: Duration }): Promise<Result>;
  /** The recipes that can be run from here; broken ones are left out. */
  list(): Promise<RecipeFolder[]>;
  /** The recipe of that name. `RecipeNotFoundError` says which names are near. */
  get(name: string): Promise<RecipeFolder>;
}

export const recipe: RecipeApi = {
  async runBackground<Result>(name: string, options: RunOptions = {}) {
    const { store, ...spec } = options;
    return (await clientOf(store)).submit<Result>({ ...spec, recipe: name });
  },
  async run<Result>(name: string, options: RunOptions & { waitTimeout?: Duration } = {}) {
    const { waitTimeout, ...rest } = options;
    return (await recipe.runBackground<Result>(name, rest)).wait(waitTimeout);
  },
  async list() {
    return (await (await recipes()).list()).recipes;
  },
  get: async (name) => (await recipes()).get(name),
};

const recipes = async () => (await import('./client/index.ts')).openRecipes();

/** One client for each store, or folder to look from, that `recipe.*` was used with; they keep no process alive. */
const clients = new Map<string, Promise<Client>>();

function clientOf(store: string | undefined): Promise<Client> {
  const key = store ?? process.cwd();
  let client = clients.get(key);
  if (client === undefined) {
    client = import('./client/index.ts').then(({ openBackground }) => openBackground(store));
    client.catch(() => clients.delete(key));
    clients.set(key, client);
  }
  return client;
}
