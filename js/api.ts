/** `openBackground` and `recipe.*`, over a store; what works with one is loaded by the first call. */
import type {
  BackgroundTaskHandle,
  Client,
  CodeTask,
  NamedTask,
  OpenOptions,
  RecipeCheck,
  TaskOptions,
  TaskSpec,
} from './client/index.ts';
import type { Recipe, RecipeFolder } from './recipe/index.ts';
import type { Jsonify } from './wire/jsonify.ts';
import type { Duration } from './wire/task-handle.ts';

/**
 * Opens the client of a store: a path, or the one that `offstage` finds from the working directory. Nothing is opened or
 * made before the first verb.
 *
 * `worker` says who runs what is submitted: a detached process that is started when none lives (default); with `'app'`
 * this process, from its first submit on; with `'none'` whoever comes. Recipes in code run in this process unless it is
 * `'none'`.
 */
export const openBackground = async (store?: string, options?: OpenOptions): Promise<Client> =>
  (await import('./client/index.ts')).openBackground(store, options);

/** Where a recipe is submitted to. */
interface InStore {
  /** The store's file. Default: found from the working directory. */
  store?: string | undefined;
}

/** How to run a recipe; everything of `TaskSpec` but the recipe itself. */
export interface RunOptions extends TaskOptions, InStore {
  /** JSON; for a folder an object, anything else arrives as `{ input: … }`. Default: what `defaults` give, else `{}`. */
  input?: unknown;
}

/** How to run a recipe in code: its input is what the recipe takes, and may be left out only if that may be undefined. */
export type CodeRunOptions<I> = Omit<CodeTask<I>, 'recipe' | 'input'> &
  InStore &
  (undefined extends I ? { input?: I | undefined } : { input: I });

type Waiting = { waitTimeout?: Duration | undefined };
type CodeArguments<I, More = unknown> = undefined extends I
  ? [options?: CodeRunOptions<I> & More]
  : [options: CodeRunOptions<I> & More];

/** Runs recipes and tells which there are. */
export interface RecipeApi {
  /**
   * Submits a recipe; resolves with its handle when the task is durable. A recipe that is a folder is run by a worker,
   * which is started when none lives; one in code by this process.
   */
  runBackground<I, O>(recipe: Recipe<I, O>, ...options: CodeArguments<I>): Promise<BackgroundTaskHandle<Jsonify<O>>>;
  runBackground<Result = unknown>(name: string, options?: RunOptions): Promise<BackgroundTaskHandle<Result>>;
  /** Submits a recipe and waits for its result; rejects as `handle.wait` does. `waitTimeout` limits the wait only. */
  run<I, O>(recipe: Recipe<I, O>, ...options: CodeArguments<I, Waiting>): Promise<Jsonify<O>>;
  run<Result = unknown>(name: string, options?: RunOptions & Waiting): Promise<Result>;
  /** The recipes that can be run from here; broken ones are left out. */
  list(): Promise<RecipeFolder[]>;
  /** The recipe of that name. `RecipeNotFoundError` says which names are near. */
  get(name: string): Promise<RecipeFolder>;
  /** Reads a recipe and looks for what it needs, without loading its code. `RecipeNotFoundError` when there is none. */
  validate(name: string): Promise<RecipeCheck>;
}

const OWN: Record<Exclude<keyof (RunOptions & Waiting), keyof TaskOptions | 'input'>, true> = {
  store: true,
  waitTimeout: true,
};

async function runBackground(which: string | Recipe, options: RunOptions = {}): Promise<BackgroundTaskHandle<never>> {
  const { waitTimeout: _, ...own } = OWN;
  (await import('./client/verbs/request.ts')).checkRun(options, own);
  const { store, ...spec } = options;
  const task = { ...spec, recipe: which } as NamedTask;
  return (await clientOf(store)).submit<never>(task satisfies TaskSpec);
}

async function run(which: string | Recipe, options: RunOptions & Waiting = {}): Promise<never> {
  (await import('./client/verbs/request.ts')).checkRun(options, OWN);
  const { waitTimeout, ...rest } = options;
  return (await runBackground(which, rest)).wait(waitTimeout);
}

export const recipe: RecipeApi = {
  runBackground,
  run,
  async list() {
    return (await (await recipes()).list()).recipes;
  },
  get: async (name) => (await recipes()).get(name),
  async validate(name) {
    const { openRecipes, validate } = await import('./client/index.ts');
    return validate(await openRecipes(), name);
  },
};

const recipes = async () => (await import('./client/index.ts')).openRecipes();

/** One client for each store, or folder to look from, that `recipe.*` was used with; they keep no process alive. */
const clients = new Map<string, Promise<Client>>();

function clientOf(store: string | undefined): Promise<Client> {
  const key = store ?? process.cwd();
  let client = clients.get(key);
  if (client === undefined) {
    client = openBackground(store);
    client.catch(() => clients.delete(key));
    clients.set(key, client);
  }
  return client;
}
