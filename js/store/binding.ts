/** Whose environment a task has, as the store is told. */

/** The value of an environment variable as it is stored: a hash, and the name of the key that it was made with. */
export interface EnvValue {
  name: string;
  key: string;
  hash: string;
}

/** What of an environment is no secret, as JSON text, by a hash of it. */
export interface StoredEnvironment {
  id: string;
  data: string;
}

/** Whose environment: what of it is no secret, and the values that he has. */
export interface Binding {
  environment: StoredEnvironment;
  values: readonly EnvValue[];
}

/** Values that no living worker has, and the one to hand them to; without socket it is about to start. */
export interface Wanted {
  values: EnvValue[];
  worker: { id: string; socket: string | null };
}

/** How a pending task is provided for. */
export interface Provision {
  /** No living worker can run it. */
  needed: boolean;
  /** A worker is to be started for it. */
  spawn: boolean;
  hand: Wanted | null;
}
