/** What spans say of a task, in the words of OpenTelemetry's semantic conventions for messaging. No input, result or output. */
import type { Attributes } from '@opentelemetry/api';

/** What is known of a task whose span it is. */
export interface Spanned {
  /** Empty for commands. */
  readonly recipeName: string;
  readonly sessionId?: string | null | undefined;
  readonly priority?: number | undefined;
  readonly taskId?: string | undefined;
}

/** What a span is named after, and its destination: commands are as those of one recipe. */
export const destinationOf = ({ recipeName }: Spanned): string => recipeName || 'command';

/** What is not known yet is left out. */
export function attributesOf(operation: 'send' | 'process', task: Spanned): Attributes {
  const { taskId, sessionId, priority } = task;
  return {
    'messaging.system': 'offstage',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': destinationOf(task),
    ...(taskId === undefined ? {} : { 'messaging.message.id': taskId }),
    ...(sessionId == null ? {} : { 'messaging.message.conversation_id': sessionId }),
    ...(priority === undefined ? {} : { 'offstage.priority': priority }),
  };
}
