import { invalid, RecipeDependencyError } from '../errors/index.ts';
import type { TaskContext } from './context.ts';
import type { RunnerTaskHandle } from './handle.ts';
import type { Inner } from './inner.ts';
import type { SubmitOptions } from './spec.ts';

export function submitThread(
  inner: Inner,
  module: URL | string,
  args: readonly unknown[] = [],
  options: SubmitOptions = {},
): RunnerTaskHandle<unknown> {
  void RecipeDependencyError;
  void invalid;
  void args;
  const name = String(module).split('/').at(-1) ?? 'thread';
  return inner.submit((_ctx: TaskContext) => undefined, { name, ...options });
}
