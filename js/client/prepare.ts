/** From what a user asks to a task that can be stored: everything is checked here, nothing is written. */
import { submit as newRecord, newSessionId, newTaskId, parseDuration, type Spec } from '../core/index.ts';
import { momentMs, priorityOf, seconds, timeoutMs } from '../core/options.ts';
import { InvalidArgumentError, invalid, RecipePolicyError } from '../errors/index.ts';
import type { RecipeFolder } from '../recipe/index.ts';
import type { NewTask } from '../store/types.ts';
import { LIMITS, serialize } from '../wire/serialize.ts';
import type { Context } from './context.ts';
import type { SubmitRequest } from './verbs.ts';

const DEFAULT_TIMEOUT = 300;

const KEYS: Record<keyof SubmitRequest, true> = {
  recipe: true,
  input: true,
  config: true,
  metadata: true,
  name: true,
  sessionId: true,
  timeout: true,
  priority: true,
  retries: true,
  backoff: true,
  delay: true,
  runAt: true,
  ttl: true,
  onLost: true,
};

/** Checks a request and resolves its recipe. Throws what `submit` would throw. */
export async function prepareTask(context: Context, request: SubmitRequest): Promise<NewTask> {
  refuseUnknown(request);
  if (context.config.background?.enabled === false) {
    throw new RecipePolicyError('background tasks are switched off by the configuration (background.enabled)');
  }
  const { checkRunnable, findRecipe, prepareConfig, prepareInput } = await import('../recipe/index.ts');
  const recipe = await findRecipe(request.recipe, context.search());
  checkRunnable(recipe, context.env);
  const input = await prepareInput(recipe, request.input);
  const config = prepareConfig(recipe, request.config);
  const spec = specOf(context, request, recipe);
  newRecord(spec, newTaskId(), Date.now()); // refuses a bad spec before the store is touched
  return {
    spec,
    payloads: {
      input: serialize(input, 'input'),
      config: serialize(config, 'config'),
      ...(request.metadata === undefined ? {} : { metadata: metadataJson(request.metadata) }),
    },
    needs: recipe.requires.env,
    maxConcurrent: recipe.runtime.maxConcurrent ?? null,
  };
}

function refuseUnknown(request: SubmitRequest): void {
  const unknown = Object.entries(request).find(([key, value]) => !(key in KEYS) && value !== undefined);
  if (unknown)
    throw new InvalidArgumentError(`unknown option '${unknown[0]}'; known are ${Object.keys(KEYS).join(', ')}`);
}

function metadataJson(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw invalid('metadata', metadata, 'an object');
  }
  return serialize(metadata, 'metadata', LIMITS.metadata);
}

function specOf(context: Context, request: SubmitRequest, recipe: RecipeFolder): Spec {
  const { background } = context.config;
  const { runtime } = recipe;
  const timeout = request.timeout !== undefined ? request.timeout : (runtime.timeoutSec ?? background?.taskTimeout);
  return definedOnly({
    name: request.name ?? recipe.name,
    recipe: recipe.name,
    session_id: request.sessionId ?? newSessionId(),
    priority: priorityOf(request.priority),
    timeout_ms: timeoutMs(timeout === undefined ? DEFAULT_TIMEOUT : timeout, parseDuration),
    ttl_ms: request.ttl === undefined ? undefined : seconds(request.ttl, 'ttl', parseDuration) * 1000,
    retries: request.retries ?? runtime.retries,
    backoff: request.backoff,
    delay_ms: request.delay === undefined ? undefined : seconds(request.delay, 'delay', parseDuration) * 1000,
    run_at: request.runAt === undefined ? undefined : momentMs(request.runAt, 'runAt'),
    on_lost: request.onLost ?? runtime.onLost,
    cleanup_delay_ms: (runtime.cleanupDelaySec ?? background?.cleanupDelaySec ?? 3600) * 1000,
    source: {
      root: recipe.root,
      entry: recipe.entry,
      version: recipe.version,
      digest: recipe.digest,
      needs: recipe.requires.env,
      inherit_env: runtime.inheritEnv,
    },
  }) as unknown as Spec;
}

function definedOnly(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
