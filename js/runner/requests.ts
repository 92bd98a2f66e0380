/** Questions to people. */

import { ConflictError } from '../errors/index.ts';
import type { Answer } from '../wire/event.ts';
import { checkAnswer, checkContent, checkQuestion, type InputAnswer, type InputQuestion } from '../wire/question.ts';
import type { Asked, Deferred, Entry, Execution } from './entry.ts';
import type { Inner } from './inner.ts';
import { spanMs } from './spec.ts';

export type { InputAnswer, InputQuestion } from '../wire/question.ts';

/** The actions as the engine counts them. */
const ACTIONS: readonly Answer['action'][] = ['accept', 'decline', 'cancel'];

export async function requestInput(inner: Inner, execution: Execution, question: InputQuestion): Promise<InputAnswer> {
  const schema = checkQuestion(question);
  const { entry, attempt } = execution;
  const { key, expires } = question;
  const expiresMs =
    expires === undefined || expires === Number.POSITIVE_INFINITY ? undefined : spanMs(expires, 'expires');
  execution.signal.throwIfAborted();
  if (!inner.holds(execution)) {
    const taskId = inner.idOf(entry);
    throw new ConflictError('this execution is over and asks no more', { taskId, details: { task_id: taskId, key } });
  }
  const asked = askedOf(inner, execution, key, question.schema);
  if (asked.answer !== undefined) return asked.answer as InputAnswer;
  // What one execution asks twice at once is asked once, and answered to both.
  asked.deferred ??= quiet();
  const { promise } = asked.deferred;
  inner.driver.after((runner, now) =>
    runner.ask(entry.slot, attempt, execution.epoch, key, question.message, schema, expiresMs, now),
  );
  return promise as Promise<InputAnswer>;
}

/** What is asked: an answer is kept for further attempts, an open request is one of this execution. */
function askedOf(inner: Inner, execution: Execution, key: string, schema: unknown): Asked {
  const extra = inner.extraOf(execution.entry);
  extra.requests ??= new Map();
  let asked = extra.requests.get(key);
  if (asked === undefined || (asked.answer === undefined && asked.execution !== execution)) {
    asked = { execution, schema };
    extra.requests.set(key, asked);
  }
  return asked;
}

/** A promise that may fail with nobody listening. */
function quiet(): Deferred {
  const made = {} as Deferred;
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {});
  return made;
}

/** A person answers. The first one of answer, cancel and expiry counts. */
export async function respond(inner: Inner, entry: Entry, key: string, answer: Answer): Promise<void> {
  const content = checkAnswer(key, answer);
  const asked = entry.extra?.requests?.get(key);
  if (answer.action === 'accept' && asked?.schema !== undefined) {
    await checkContent(asked.schema, content);
    // A further attempt has asked anew meanwhile: that is what is open now, with its own schema.
    if (entry.extra?.requests?.get(key) !== asked) return respond(inner, entry, key, answer);
  }
  inner.checkKept(entry);
  // The first word is taken before anybody hears of it, so what is remembered is what the engine took.
  inner.driver.after((runner, now) => {
    const count = runner.answer(entry.slot, key, ACTIONS.indexOf(answer.action), content, now);
    if (asked !== undefined) asked.answer = { action: answer.action, content: answer.content };
    return count;
  });
}

/** The task goes on: whoever waits for an answer gets it. */
export function handOut(execution: Execution): void {
  for (const asked of execution.entry.extra?.requests?.values() ?? []) {
    if (asked.answer === undefined) continue;
    asked.deferred?.resolve(asked.answer);
    delete asked.deferred;
  }
}

/** The execution is told to end: nobody waits on. What has no answer may be asked again by a further attempt. */
export function giveUp(execution: Execution, reason: Error): void {
  const requests = execution.entry.extra?.requests;
  for (const [key, asked] of requests ?? []) {
    asked.deferred?.reject(reason);
    delete asked.deferred;
    if (asked.answer === undefined) requests?.delete(key);
  }
}
