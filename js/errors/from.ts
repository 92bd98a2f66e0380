import { InvalidArgumentError } from './argument.ts';
import { TaskError } from './base.ts';
import { TaskCancelledError } from './outcome.ts';
import { ConflictError, QueueFullError, SerializationError, StoreError, TaskNotFoundError } from './refusal.ts';

/** An error as it crosses a boundary: from Rust, from the store thread, from another process. */
export interface ErrorData {
  code: string;
  message: string;
  name?: string;
  task_id?: string;
  details?: unknown;
}

/** Picks the class that belongs to a code. The code decides, never the message. */
export function errorFrom(data: ErrorData): TaskError {
  const options = { taskId: data.task_id, details: data.details };
  switch (data.code) {
    case 'invalid_argument':
      return new InvalidArgumentError(data.message, data.details);
    case 'conflict':
      return new ConflictError(data.message, options);
    case 'queue_full':
      return new QueueFullError(data.message, options);
    case 'unserializable':
      return new SerializationError(data.message, options);
    case 'store':
      return new StoreError(data.message, options);
    case 'cancelled':
      return new TaskCancelledError(data.message, options);
    case 'task_not_found':
      return new TaskNotFoundError(data.task_id ?? '', (data.details as { store?: string })?.store ?? 'the store');
    default:
      return new TaskError(data.code, data.message, options);
  }
}
