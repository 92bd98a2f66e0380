/** What a thread of `submitThread` runs. */

import { SerializationError } from '../errors/index.ts';
import { thrownJson } from '../wire/thrown.ts';
import type { Call, Reply } from './types.ts';

export default async function call({ module, args }: Call): Promise<Reply> {
  let value: unknown;
  try {
    const { default: exported } = await import(module);
    if (typeof exported !== 'function') throw new TypeError(`the default export of ${module} is not a function`);
    value = await exported(...args);
  } catch (error) {
    return { thrown: thrownJson(error) };
  }
  return uncopied(value) ?? { value };
}

/** Why the value cannot be copied to the other thread. Found out there, it would cost the thread and tell nothing. */
function uncopied(value: unknown): Reply | undefined {
  if (typeof value !== 'function' && typeof value !== 'symbol' && (typeof value !== 'object' || value === null)) return;
  const { port1 } = new MessageChannel();
  try {
    port1.postMessage(value);
  } catch (cause) {
    const message = `result: cannot be copied from a thread: ${(cause as Error).message}`;
    return { thrown: thrownJson(new SerializationError(message), 'unserializable') };
  } finally {
    port1.close();
  }
}
