/** A channel as the sender has it: its configuration with the values of its variables. */
import type { Notification } from '../wire/notification.ts';
import type { Lookup } from './post.ts';
import type { Sent } from './sent.ts';

/** What is to be told, and where. */
export interface Message {
  /** The same at each repeat. */
  id: string;
  body: Notification;
  /** What stands behind the channel in the address. */
  target: string | undefined;
  /** Aborted when it is given up. */
  signal?: AbortSignal;
}

/** What a way of telling needs of the process. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** The value of a variable that the environment lacks, where a submitter has handed it on. */
  variable?: (name: string) => string | undefined;
  /** Of names. Default: the system's. */
  lookup?: Lookup;
}

export interface Channel {
  /** Tells it; never rejects with a secret in the message. */
  send(message: Message): Promise<Sent>;
  /** Shows for some seconds that somebody is typing there; absent: it cannot be shown. */
  type?: (target: string | undefined) => Promise<unknown>;
  /** Milliseconds after which that is to be shown again. */
  typeEvery?: number;
}
