import type { Execution } from './execution.ts';

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Reads to the end; the result is what was returned, else the items. Told to end, it stops asking and lets go. */
export async function collect(
  source: AsyncIterable<unknown>,
  execution: Execution,
  tell: (item: unknown) => void,
): Promise<unknown> {
  const iterator = source[Symbol.asyncIterator]();
  const items: unknown[] = [];
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return value === undefined ? items : value;
    if (execution.reason !== undefined) {
      await iterator.return?.();
      throw execution.reason;
    }
    items.push(value);
    tell(value);
  }
}
