import { SerializationError } from '../errors/index.ts';

/** Thrown by work whose result cannot be stored: the task fails with `unserializable`. */
export class ResultError extends SerializationError {
  readonly #own = true;

  /** Whether it is one, whatever was thrown: a proxy is not asked. */
  static is(thrown: unknown): thrown is ResultError {
    return typeof thrown === 'object' && thrown !== null && #own in thrown && thrown.#own;
  }
}
