/** Questions to people. */

import { checkQuestion, type InputAnswer, type InputQuestion } from '../../wire/question.ts';
import type { Duration } from '../../wire/task-handle.ts';
import type { Call } from './calls.ts';

/** The questions of one run. What it asks twice is asked once, and answered to both. */
export class Questions {
  readonly #call: Call;
  readonly #asked = new Map<string, Promise<InputAnswer>>();

  constructor(call: Call) {
    this.#call = call;
  }

  /** `sent` is called when the worker was asked: what comes then comes from a person. */
  async ask(question: InputQuestion, sent: () => void = () => {}): Promise<InputAnswer> {
    const schema = checkQuestion(question);
    const { key, message, expires } = question;
    const expiresMs = expires === undefined ? undefined : await spanMs(expires);
    const known = this.#asked.get(key);
    if (known !== undefined) {
      sent();
      return known;
    }
    const answer = this.#call('ask', {
      key,
      message,
      ...(schema === undefined ? {} : { schema: JSON.parse(schema) }),
      ...(expiresMs === undefined ? {} : { expiresMs }),
    });
    this.#asked.set(key, answer);
    sent();
    answer.catch(() => this.#asked.delete(key));
    return answer;
  }
}

/** Loads what a question with a time needs. */
export async function loadSpans() {
  const { parseDuration } = await import('../../core/index.ts');
  const { seconds } = await import('../../core/options.ts');
  return { parseDuration, seconds };
}

/** Milliseconds; undefined for ever. The core is loaded only here: most questions have all the time of the world. */
async function spanMs(expires: Duration): Promise<number | undefined> {
  if (expires === Number.POSITIVE_INFINITY) return undefined;
  const { parseDuration, seconds } = await loadSpans();
  return seconds(expires, 'expires', parseDuration) * 1000;
}
