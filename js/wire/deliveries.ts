/** What somebody is to be told of tasks, as it is listed. */

/** `dead`: it is not tried again. */
export const DELIVERY_STATES = ['pending', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One message to one address. */
export interface DeliveryJson {
  /** "msg_" and 32 hex digits: the same at each repeat, and in the message. */
  id: string;
  task_id: string;
  /** Who is told. */
  address: string;
  /** What happened: `task.completed` and so on. */
  type: string;
  state: DeliveryState;
  /** How often it was tried. */
  attempts: number;
  /** When it is tried next, ISO-8601, UTC; null: not any more. */
  next_at: string | null;
  /** What went wrong at the last try, without secrets; null: nothing. */
  last_error: string | null;
}

/** Which of them. */
export interface DeliveriesQuery {
  /** Only those in this state. */
  state?: DeliveryState | undefined;
  /** Only those of this task, by its full id; it may be gone. */
  task?: string | undefined;
  /** At most so many, 1 to 1,000. Default 100. */
  limit?: number | undefined;
  /** Where a page goes on: the `next` of the one before. */
  after?: string | undefined;
}

/** A page of them, the newest first. */
export interface DeliveriesPage {
  deliveries: DeliveryJson[];
  /** Where the next page goes on; null: there is none. */
  next: string | null;
}

/** What became of a message that was sent to try a channel. */
export interface ChannelTest {
  address: string;
  delivered: boolean;
  /** What went wrong, without secrets; null: nothing. */
  error: string | null;
}
