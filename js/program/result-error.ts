import { SerializationError } from '../errors/index.ts';

/** Thrown by work whose result cannot be stored: the task fails with `unserializable`. */
export class ResultError extends SerializationError {}
