/**
 * Asks at the terminal what the tasks ask that are waited for.
 *
 * 1. One question at a time; while it is open nothing else is drawn.
 * 2. The store decides: an answer that it refuses is told, and what was answered elsewhere, or is asked no more, is asked no
 *    more here either.
 * 3. What was put off is not asked again by this process.
 */

import { isTaskError } from '../../errors/base.ts';
import type { TaskVerbs } from '../../ports/verbs.ts';
import type { InputRequestJson, TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';
import { type Look, shown } from '../human/look.ts';
import { hintsOf, readAnswer } from './question.ts';

interface Question {
  task: TaskJson;
  key: string;
  request: InputRequestJson;
}

export class Asker {
  readonly #call: Call;
  readonly #verbs: TaskVerbs;
  readonly #look: Look;
  readonly #before: () => void;
  /** By task, key and when it was asked: a key may be asked again. */
  readonly #over = new Set<string>();
  #open: { id: string; close: AbortController; done: Promise<void> } | undefined;
  #isSilent = false;
  /** What the store refused for another reason than the answer. */
  #failure: { error: unknown } | undefined;

  /** `before` is called before a question is written. */
  constructor(call: Call, verbs: TaskVerbs, look: Look, before: () => void) {
    this.#call = call;
    this.#verbs = verbs;
    this.#look = look;
    this.#before = before;
  }

  /** Whether the terminal is in use. */
  get isAsking(): boolean {
    return this.#open !== undefined;
  }

  /** Is told of the tasks as they are; asks the first thing that is open, unless something is being asked. */
  see(tasks: readonly TaskJson[]): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    const questions = tasks.flatMap(questionsOf).filter((one) => !this.#over.has(idOf(one)));
    if (this.#open !== undefined) {
      const { id, close } = this.#open;
      if (!questions.some((one) => idOf(one) === id)) close.abort();
      return;
    }
    const [first] = questions;
    if (first === undefined || this.#isSilent) return;
    const close = new AbortController();
    const done = this.#ask(first, close.signal)
      .catch((error) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#over.add(idOf(first));
        this.#open = undefined;
      });
    this.#open = { id: idOf(first), close, done };
  }

  /** Asks no more. */
  async close(): Promise<void> {
    this.#isSilent = true;
    this.#open?.close.abort();
    await this.#open?.done;
  }

  async #ask(question: Question, signal: AbortSignal): Promise<void> {
    const { task, key, request } = question;
    this.#before();
    const id = task.task_id.replace(/^task_/, '').slice(0, 8);
    this.#say(`[${id}] ${task.name} asks (${key}):`, ...request.message.split('\n').map((line) => `  ${line}`));
    this.#say(...hintsOf(request).map((line) => `  ${line}`));
    for (;;) {
      const typed = await this.#call.io.readLine('> ', signal);
      if (signal.aborted) return this.#isSilent ? undefined : this.#say('It is not asked any more.');
      if (typed === undefined) this.#isSilent = true; // nobody types here any more
      const reading = typed === undefined ? ({ later: true } as const) : readAnswer(request, typed);
      if ('later' in reading) return this.#putOff(task.task_id, key);
      if ('problem' in reading) this.#say(reading.problem);
      else if (await this.#give(task.task_id, key, reading.answer)) return;
    }
  }

  /** False when something else must be answered. */
  async #give(id: string, key: string, answer: Parameters<TaskVerbs['respond']>[2]): Promise<boolean> {
    try {
      await this.#verbs.respond(id, key, answer);
      return true;
    } catch (error) {
      if (!isTaskError(error)) throw error;
      if (error.code !== 'invalid_argument' && error.code !== 'conflict') throw error;
      this.#say(error.message);
      return error.code === 'conflict'; // somebody else was first
    }
  }

  #putOff(id: string, key: string): void {
    this.#say(`Answer it later: ${this.#call.typed('respond', id, key, '--accept')} JSON`);
  }

  #say(...lines: string[]): void {
    for (const line of lines) this.#call.io.stderr.write(`${shown(line, this.#look)}\n`);
  }
}

function questionsOf(task: TaskJson): Question[] {
  return Object.entries(task.input_requests).map(([key, request]) => ({ task, key, request }));
}

const idOf = ({ task, key, request }: Question): string => JSON.stringify([task.task_id, key, request.requested_at]);
