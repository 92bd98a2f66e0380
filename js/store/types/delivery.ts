/** What somebody is to be told of a task. Times are milliseconds since the epoch. */

import type { DeliveryState } from '../../wire/deliveries.ts';

export type { DeliveryState };

/** One that its claimer is to tell now. */
export interface ClaimedDelivery {
  id: string;
  task: string;
  address: string;
  channel: string;
  /** JSON text of a `Notification`. */
  body: string;
  /** This one counts. */
  attempts: number;
  /** When it came about. */
  at: number;
}

/** What came of it. */
export interface SettledDelivery {
  id: string;
  /** As it was claimed. */
  attempts: number;
  /** `returned`: it was not tried, and does not count. */
  outcome: 'delivered' | 'dead' | 'retry' | 'returned';
  /** What went wrong; it holds no secrets. */
  error?: string;
  /** When to try again. */
  at?: number;
}

/** One as it is listed. */
export interface StoredDelivery {
  n: number;
  id: string;
  task: string;
  address: string;
  type: string;
  state: DeliveryState;
  attempts: number;
  next_at: number;
  last_error: string | null;
}
