/** Reads `runtime` of `TEMPLATE.yaml`; values may name environment variables as `${VAR}`. */

import type { RecipeRuntime } from '../ports/recipe-folder.ts';
import type { Checker, Fields, Slot } from '../program/fields.ts';
import { type AgentLimits, BUDGET_FORMS, BUDGET_KEYS, type Budget, isBound, isCount } from '../wire/budget.ts';
import { NOTIFY_ON, type NotifyOn } from '../wire/notification.ts';
import { OnCodeChange, type OnLost } from '../wire/task.ts';

const KEYS = ['agents', 'background', 'env', 'on_code_change'];
const BACKGROUND_KEYS = [
  'enabled',
  'max_concurrent',
  'cleanup_delay_sec',
  'keep_failed_sec',
  'keep_keyed_sec',
  'timeout_sec',
  'retries',
  'on_lost',
  'deliver_to',
  'notify_on',
  'typing',
];

/** Reads the settings; what is wrong goes to the checker, and the default stands in for it. */
export async function readRuntime(checker: Checker, template: Fields, env: NodeJS.ProcessEnv): Promise<RecipeRuntime> {
  const runtime = checker.mapping(checker.slot(template, [], 'runtime'));
  checker.known(runtime, ['runtime'], KEYS);
  const background = checker.mapping(checker.slot(runtime, ['runtime'], 'background'));
  checker.known(background, ['runtime', 'background'], BACKGROUND_KEYS);
  const at = (key: string) => replaced(checker, checker.slot(background, ['runtime', 'background'], key), env);
  const cleanupDelaySec = await seconds(checker, at('cleanup_delay_sec'));
  const keepFailedSec = await seconds(checker, at('keep_failed_sec'));
  const keepKeyedSec = await seconds(checker, at('keep_keyed_sec'));
  const timeoutSec = await seconds(checker, at('timeout_sec'));
  const retries = whole(checker, at('retries'), 0);
  const change = onCodeChange(checker, replaced(checker, checker.slot(runtime, ['runtime'], 'on_code_change'), env));
  const told = toldOf(checker, checker.slot(background, ['runtime', 'background'], 'deliver_to'), {
    on: checker.slot(background, ['runtime', 'background'], 'notify_on'),
    typing: at('typing'),
  });
  const agents = agentLimits(checker, checker.slot(runtime, ['runtime'], 'agents'), env);
  return {
    ...(agents === undefined ? {} : { agents }),
    ...told,
    enabled: flag(checker, at('enabled')) ?? true,
    maxConcurrent: whole(checker, at('max_concurrent'), 1) ?? null,
    ...(cleanupDelaySec === undefined ? {} : { cleanupDelaySec }),
    ...(keepFailedSec === undefined ? {} : { keepFailedSec }),
    ...(keepKeyedSec === undefined ? {} : { keepKeyedSec }),
    ...(timeoutSec === undefined ? {} : { timeoutSec }),
    ...(retries === undefined ? {} : { retries }),
    ...(change === undefined ? {} : { onCodeChange: change }),
    onLost: onLost(checker, at('on_lost')) ?? 'fail',
    inheritEnv: inherits(checker, replaced(checker, checker.slot(runtime, ['runtime'], 'env'), env)),
  };
}

function agentLimits(checker: Checker, slot: Slot, env: NodeJS.ProcessEnv): AgentLimits | undefined {
  if (slot.value === undefined) return undefined;
  const fields = checker.mapping(slot);
  checker.known(fields, slot.keys, ['budget', 'max_turns']);
  const bounds = checker.slot(fields, slot.keys, 'budget');
  const given = checker.mapping(bounds);
  checker.known(given, bounds.keys, BUDGET_KEYS);
  const budget: Budget = {};
  for (const key of BUDGET_KEYS) {
    const setting = replaced(checker, checker.slot(given, bounds.keys, key), env);
    if (isBound(key, setting.value)) budget[key] = setting.value;
    else if (setting.value !== undefined) refuse(checker, setting, BUDGET_FORMS[key]);
  }
  const turns = replaced(checker, checker.slot(fields, slot.keys, 'max_turns'), env);
  if (isCount(turns.value)) return { budget, maxTurns: turns.value };
  if (turns.value !== undefined) refuse(checker, turns, 'a whole number above 0');
  return { budget };
}

/** Which channels there are, whoever submits it knows. */
function toldOf(
  checker: Checker,
  to: Slot,
  { on, typing }: { on: Slot; typing: Setting },
): Pick<RecipeRuntime, 'deliverTo' | 'notifyOn' | 'typing'> {
  const areTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  const areKinds = (value: unknown): value is NotifyOn[] =>
    areTexts(value) && value.every((one) => (NOTIFY_ON as readonly string[]).includes(one));
  if (to.value !== undefined && !areTexts(to.value)) checker.expected(to, 'a list of addresses');
  if (on.value !== undefined && !areKinds(on.value)) checker.expected(on, `a list of ${NOTIFY_ON.join(', ')}`);
  const shown = flag(checker, typing);
  return {
    ...(areTexts(to.value) ? { deliverTo: to.value } : {}),
    ...(areKinds(on.value) ? { notifyOn: on.value } : {}),
    ...(shown === undefined ? {} : { typing: shown }),
  };
}

/** A slot whose text came from the environment; it may be secret and is never shown. */
interface Setting extends Slot {
  fromEnv?: boolean;
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

function replaced(checker: Checker, slot: Slot, env: NodeJS.ProcessEnv): Setting {
  if (typeof slot.value !== 'string' || !slot.value.includes('${')) return slot;
  const unset = [...slot.value.matchAll(VARIABLE)]
    .map(([, name = '']) => name)
    .filter((name) => env[name] === undefined);
  const missing = unset.map((name) => `environment variable ${name} is not set`);
  const text = slot.value.replace(VARIABLE, (_all, name: string) => env[name] ?? '');
  if (missing.length === 0 && slot.value.replace(VARIABLE, '').includes('${'))
    missing.push('a $ must be followed by a name in braces');
  if (missing.length === 0) return { ...slot, value: plain(text), fromEnv: true };
  checker.report(slot.keys, `${slot.value}: ${missing.join(', ')}`);
  return { ...slot, value: undefined };
}

/** An environment variable is text; numbers and flags are meant as such. */
function plain(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

function refuse(checker: Checker, setting: Setting, form: string): undefined {
  if (!setting.fromEnv) return checker.expected(setting, form);
  checker.report(setting.keys, `the value from the environment is not ${form}`);
  return undefined;
}

function flag(checker: Checker, setting: Setting): boolean | undefined {
  if (setting.value === undefined || typeof setting.value === 'boolean') return setting.value;
  return refuse(checker, setting, 'true or false');
}

function whole(checker: Checker, setting: Setting, least: number): number | undefined {
  const { value } = setting;
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= least))
    return value as number | undefined;
  return refuse(checker, setting, `a whole number, ${least} or more`);
}

/** Loads what texts such as "30m" need. */
export const loadDurations = () => import('../core/index.ts');

/** Seconds; null is 0. The one parser for texts such as "30m" is the core's, loaded only for them. */
async function seconds(checker: Checker, setting: Setting): Promise<number | undefined> {
  const { value } = setting;
  if (value === undefined) return undefined;
  if (value === null) return 0;
  if (typeof value === 'number' && value >= 0) return value;
  if (typeof value !== 'string') return refuse(checker, setting, SECONDS);
  const { parseDuration } = await loadDurations();
  try {
    return parseDuration(value, setting.keys.at(-1) ?? '');
  } catch {
    return refuse(checker, setting, SECONDS);
  }
}

const SECONDS = 'seconds, 0 or more, or a text such as "30m"';

function onLost(checker: Checker, setting: Setting): OnLost | undefined {
  const { value } = setting;
  if (value === undefined || value === 'fail' || value === 'retry') return value;
  return refuse(checker, setting, "'fail' or 'retry'");
}

function onCodeChange(checker: Checker, setting: Setting): OnCodeChange | undefined {
  const { value } = setting;
  const known = Object.values(OnCodeChange).find((one) => one === value);
  if (value === undefined || known !== undefined) return known;
  return refuse(checker, setting, "'run', 'hold' or 'fail'");
}

function inherits(checker: Checker, setting: Setting): boolean {
  if (setting.value !== undefined && setting.value !== 'inherit')
    refuse(checker, setting, "'inherit', or no env at all");
  return setting.value === 'inherit';
}
