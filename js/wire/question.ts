/** What a task asks a person, and what the person may say. */
import { InvalidArgumentError, invalid } from '../errors/argument.ts';
import { checkKey, checkObject } from './check.ts';
import type { Answer } from './event.ts';
import { LIMITS, serialize } from './serialize.ts';
import type { Duration } from './task-handle.ts';

/** What a task asks a person. */
export interface InputQuestion {
  /** Which request; asked again, in this attempt or a further one, it is the same request. */
  key: string;
  /** What the person reads. */
  message: string;
  /** JSON Schema (draft 2020-12) of the content of an answer that accepts. */
  schema?: unknown;
  /** How long the person has; then the task fails with `input_expired`. Default: for ever. */
  expires?: Duration | undefined;
}

/** What the person said. */
export interface InputAnswer {
  /** `cancel` is not among them: it cancels the task. */
  action: 'accept' | 'decline';
  /** What an `accept` gave, of the question's form. */
  content?: unknown;
}

const QUESTION_KEYS: Record<keyof InputQuestion, true> = { key: true, message: true, schema: true, expires: true };
const ANSWER_KEYS: Record<keyof Answer, true> = { action: true, content: true };
const ACTIONS: readonly Answer['action'][] = ['accept', 'decline', 'cancel'];

/** Bytes of a schema or an answer, so that its event with all around it stays within the limit of one. */
const LIMIT = LIMITS.event - 256;

/** Answers with the question's schema as JSON text. `InvalidArgumentError` and `SerializationError` for what is none. */
export function checkQuestion(question: InputQuestion): string | undefined {
  checkObject('question', question, QUESTION_KEYS);
  checkKey('key', question.key);
  if (typeof question.message !== 'string') throw invalid('message', question.message, 'a text');
  return question.schema === undefined ? undefined : serialize(question.schema, 'schema', LIMIT);
}

/** Answers with the answer's content as JSON text. `InvalidArgumentError` and `SerializationError` for what is none. */
export function checkAnswer(key: string, answer: Answer): string | undefined {
  checkKey('key', key);
  if (!ACTIONS.includes(answer?.action)) throw invalid('action', answer?.action, 'accept, decline or cancel');
  checkObject('answer', answer, ANSWER_KEYS);
  return answer.content === undefined ? undefined : serialize(answer.content, 'content', LIMIT);
}

/** Loads what `checkContent` needs. */
export const loadAnswerCheck = () => import('./json-schema.ts');

/** `InvalidArgumentError` unless the content, JSON text, has the form that was asked for. */
export async function checkContent(schema: unknown, content = 'null'): Promise<void> {
  const { checkJson } = await loadAnswerCheck();
  const said = await checkJson(schema, JSON.parse(content), 'content').then(
    (problems) => problems.map(({ path, message }) => `${path}: ${message}`),
    (error) => [`the schema cannot be used: ${(error as Error).message}`],
  );
  if (said.length === 0) return;
  throw new InvalidArgumentError(`content: does not have the form that was asked for: ${said.join('; ')}`, {
    option: 'content',
  });
}

/** Where an answer of code, with values left out of it, is kept among the results of steps. */
export const answerKey = (key: string): string => `\u0000answer\u0000${key}`;
