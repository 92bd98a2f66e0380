import { basename, isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidArgumentError, invalid } from '../errors/index.ts';
import { rebuilt } from '../errors/rebuilt.ts';
import type { Inner } from './inner.ts';
import type { RunnerTaskHandle } from './runner-handle.ts';
import { checkKeys, named, SUBMIT_KEYS, type SubmitOptions } from './spec.ts';
import { submit } from './submit.ts';
import type { TaskContext } from './task-context.ts';
import type { Reply } from './thread-main.ts';
import { Threads } from './threads.ts';

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
  return submit(inner, work, { ...named(options, nameOf(url)), input: given, config: { module: url.href } });
}

/** Ends a runner's threads. */
export async function endThreads(inner: Inner): Promise<void> {
  await threads.get(inner)?.end();
}

function threadsOf(inner: Inner): Threads {
  let own = threads.get(inner);
  if (own === undefined) {
    own = new Threads();
    threads.set(inner, own);
  }
  return own;
}

/** Names without a path would mean something else wherever they are looked up. */
function urlOf(module: unknown): URL {
  const url = module instanceof URL ? module : typeof module === 'string' ? fromText(module) : undefined;
  if (url?.protocol === 'file:' || url?.protocol === 'data:') return url;
  throw invalid(
    'module',
    module instanceof URL ? module.href : module,
    'a file: URL, or a path that is absolute or starts with ./ or ../',
  );
}

function fromText(module: string): URL | undefined {
  if (isAbsolute(module)) return pathToFileURL(module);
  if (/^\.\.?[\\/]/.test(module)) return pathToFileURL(resolve(module));
  return URL.canParse(module) ? new URL(module) : undefined;
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

function nameOf(url: URL): string {
  return url.protocol === 'file:' ? basename(fileURLToPath(url)).slice(0, 200) : 'thread';
}

function outcomeOf(reply: Reply): unknown {
  if ('value' in reply) return reply.value;
  const { retryable } = reply.thrown;
  throw Object.assign(rebuilt(reply.thrown), retryable === false ? { retryable } : {});
}
