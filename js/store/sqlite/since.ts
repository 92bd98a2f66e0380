/** Since when nobody else has written, and all that was written here was committed: see `Moment`. */
export interface Unwritten {
  /** `data_version` of the connection. */
  readonly version: number;
}

export class Since {
  #last: Unwritten | undefined;

  /** It is not known until a transaction is committed. */
  leave(): Unwritten | undefined {
    const last = this.#last;
    this.#last = undefined;
    return last;
  }

  /** Inside a transaction that nobody else writes beside. */
  meet(last: Unwritten | undefined, version: number): Unwritten {
    return last?.version === version ? last : { version };
  }

  committed(known: Unwritten): void {
    this.#last = known;
  }
}
