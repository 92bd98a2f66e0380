import { moduleAt, nameOfModule, needThreads, openThreads } from '#platform';
import { InvalidArgumentError, invalid } from '../errors/index.ts';
import { rebuilt } from '../errors/rebuilt.ts';
import type { Reply, Threads } from '../platform/types.ts';
import type { Inner } from './inner.ts';
import type { RunnerTaskHandle } from './runner-handle.ts';
import { checkKeys, named, SUBMIT_KEYS, type SubmitOptions } from './spec.ts';
import { submit } from './submit.ts';
import type { TaskContext } from './task-context.ts';

/** How to run a module in a thread: it gets its arguments and nothing else. */
export type ThreadOptions = Omit<SubmitOptions, 'input' | 'config' | 'onProgress'>;

const { input: _input, config: _config, onProgress: _onProgress, ...THERE } = SUBMIT_KEYS;
const KEYS: Record<keyof ThreadOptions, true> = THERE;

const NOT_THERE = ['input', 'config', 'onProgress'] as const;

/** A runner's threads come with its first `submitThread`, and go with it. */
const threads = new WeakMap<Inner, Threads>();

export function submitThread(
  inner: Inner,
  module: unknown,
  args: readonly unknown[] = [],
  options: ThreadOptions = {},
): RunnerTaskHandle<unknown> {
  needThreads('submitThread');
  const url = urlOf(module);
  const given = copyOf(args);
  if (typeof options !== 'object' || options === null) throw invalid('options', options, 'an object');
  for (const key of NOT_THERE) {
    const value = (options as SubmitOptions)[key];
    if (value !== undefined) throw invalid(key, value, 'nothing: a module in a thread gets its args only');
  }
  checkKeys(options, KEYS);
  const own = threadsOf(inner);
  const work = async ({ signal }: TaskContext): Promise<unknown> =>
    outcomeOf(await own.run({ module: url.href, args: given }, signal));
  return submit(inner, work, { ...named(options, nameOfModule(url)), input: given, config: { module: url.href } });
}

/** Ends a runner's threads. */
export async function endThreads(inner: Inner): Promise<void> {
  await threads.get(inner)?.end();
}

function threadsOf(inner: Inner): Threads {
  let own = threads.get(inner);
  if (own === undefined) {
    own = openThreads();
    threads.set(inner, own);
  }
  return own;
}

/** Names without a path would mean something else wherever they are looked up. */
function urlOf(module: unknown): URL {
  const url = module instanceof URL ? module : typeof module === 'string' ? moduleAt(module) : undefined;
  if (url?.protocol === 'file:' || url?.protocol === 'data:') return url;
  throw invalid(
    'module',
    module instanceof URL ? module.href : module,
    'a file: URL, or a path that is absolute or starts with ./ or ../',
  );
}

/** As they are now: what the submitter changes later is not seen, and what cannot be copied is refused at once. */
function copyOf(args: unknown): readonly unknown[] {
  if (!Array.isArray(args)) throw invalid('args', args, 'an array');
  try {
    return structuredClone(args);
  } catch (cause) {
    throw new InvalidArgumentError(`args: cannot be copied to a thread: ${(cause as Error).message}`, {
      option: 'args',
    });
  }
}

function outcomeOf(reply: Reply): unknown {
  if ('value' in reply) return reply.value;
  const { retryable } = reply.thrown;
  throw Object.assign(rebuilt(reply.thrown), retryable === false ? { retryable } : {});
}
