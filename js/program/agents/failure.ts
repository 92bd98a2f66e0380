/** Why agents could not go on. */

/** Stable words: people and programs judge by them. */
export type Reason =
  | 'model_auth'
  | 'model_request'
  | 'model_unavailable'
  | 'model_stream'
  | 'output_invalid'
  | 'max_turns'
  | 'placeholder_unset'
  | 'loop_invalid'
  | 'missing_dependency'
  | 'tool_host';

/** What of it goes into the error's details. */
export interface FailureFacts {
  reason: Reason;
  /** Of the server's answer. */
  status?: number;
  endpoint?: string;
  model?: string;
  /** The step that was at work. */
  step?: string;
  [more: string]: unknown;
}

/** Only a server that was not there, or fell silent, may do better in another attempt. */
const RETRYABLE: readonly Reason[] = ['model_unavailable', 'model_stream'];

/** Thrown by a run of agents; its `facts` begin the details of the stored error. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly facts: FailureFacts;
  readonly retryable: boolean;

  constructor(message: string, facts: FailureFacts, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.facts = facts;
    this.retryable = RETRYABLE.includes(facts.reason);
    this.stack = ''; // ours says nothing about the agents
  }
}
