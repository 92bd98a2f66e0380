/** The spec of a new task, as the core takes it, out of what is asked for and what its recipe and the configuration say. */
import { newSessionId, parseDuration, type Spec } from '../../core/index.ts';
import { momentMs, priorityOf, seconds, timeoutMs } from '../../core/options.ts';
import { invalid } from '../../errors/index.ts';
import type { RecipeFolder } from '../../recipe/index.ts';
import { FIRST_VERSION } from '../../recipe/name.ts';
import { checkWhole } from '../../wire/check.ts';
import { DEFAULTS } from '../defaults.ts';
import type { VerbContext } from '../verb-context.ts';
import type { SubmitRequest } from '../verbs.ts';

/** What of a recipe's own settings stands in for what is not asked for. */
export type Settings = Partial<
  Pick<
    RecipeFolder['runtime'],
    'timeoutSec' | 'retries' | 'onLost' | 'onCodeChange' | 'cleanupDelaySec' | 'keepFailedSec' | 'keepKeyedSec'
  >
>;

/** Nobody knows how long a command takes that somebody types: it has no timeout but one that is given. */
export const ENDLESS: Settings = { timeoutSec: 0 };

/** What is run, as a record names it. */
export interface Subject {
  /** What people call it where they give no name. */
  name: string;
  /** Empty when there is none. */
  recipe: string;
  version?: string;
}

export const ofRecipe = ({ name, version = FIRST_VERSION }: { name: string; version?: string }): Subject => ({
  name,
  recipe: name,
  version,
});

/** The spec of a task: what is asked for, else what its recipe says, else the configuration. */
export function specOf(context: VerbContext, request: SubmitRequest, subject: Subject, settings: Settings): Spec {
  const { background } = context.config;
  const timeout = request.timeout !== undefined ? request.timeout : (settings.timeoutSec ?? background?.taskTimeout);
  return definedOnly({
    name: request.name ?? subject.name,
    recipe: subject.recipe,
    session_id: request.sessionId ?? newSessionId(),
    parent_id: request.parent === undefined ? undefined : parentId(request.parent),
    priority: priorityOf(request.priority),
    timeout_ms: timeoutMs(timeout === undefined ? DEFAULTS.taskTimeout : timeout, parseDuration),
    ttl_ms: request.ttl === undefined ? undefined : seconds(request.ttl, 'ttl', parseDuration) * 1000,
    retries: request.retries ?? settings.retries,
    backoff: request.backoff,
    delay_ms: request.delay === undefined ? undefined : seconds(request.delay, 'delay', parseDuration) * 1000,
    run_at: request.runAt === undefined ? undefined : momentMs(request.runAt, 'runAt'),
    on_lost: request.onLost ?? settings.onLost,
    version: subject.version,
    on_code_change: settings.onCodeChange,
    idempotency_key: request.idempotencyKey,
    carried: request.trace === undefined ? undefined : { trace: request.trace },
    cleanup_delay_ms: (settings.cleanupDelaySec ?? background?.cleanupDelaySec ?? DEFAULTS.cleanupDelaySec) * 1000,
    keep_failed_ms: milliseconds(settings.keepFailedSec ?? background?.keepFailedSec),
    keep_keyed_ms: milliseconds(settings.keepKeyedSec ?? background?.keepKeyedSec),
  }) as unknown as Spec;
}

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

function parentId(parent: unknown): string {
  const id = typeof parent === 'object' && parent !== null ? (parent as { taskId?: unknown }).taskId : parent;
  checkWhole('parent', id);
  if (typeof id === 'string' && id !== '') return id;
  throw invalid('parent', parent, "a task's id or handle");
}

/** A submit does it each time: without lists in between. */
function definedOnly(object: Record<string, unknown>): Record<string, unknown> {
  const defined: Record<string, unknown> = {};
  for (const key in object) if (object[key] !== undefined) defined[key] = object[key];
  return defined;
}
