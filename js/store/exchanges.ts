/** What was said in a session, as it was stored and may be read here. */
import type { Exchanged } from '../wire/conversation.ts';
import { isSealed, readable } from './envelope.ts';
import type { StoredExchange } from './types.ts';

/** `CodecError` where it cannot be read here. */
export function exchangedOf({ task_id, at, payloads, step }: StoredExchange): Exchanged {
  const { input = 'null', result = 'null' } = payloads;
  const said = step === undefined || isSealed(step.data) ? {} : { said: step.data };
  const what = `what task ${task_id} was asked and has answered`;
  return { task_id, at, input: readable(input, what), ...said, result: readable(result, what) };
}

/** The same with a sentence in the place of what cannot be read, for people. */
export function shownExchange(stored: StoredExchange): Exchanged {
  try {
    return exchangedOf(stored);
  } catch (error) {
    const said = JSON.stringify(`(${(error as Error).message})`);
    return { task_id: stored.task_id, at: stored.at, input: said, result: said };
  }
}
