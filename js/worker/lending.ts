/**
 * The slot of an attempt that awaits children of its own (rules L4 and L5).
 *
 * 1. It is lent when the first such wait begins, and wanted back when the last one has ended.
 * 2. Whoever awaited the last child goes on when the attempt has a slot again, or has no use for one: it was told to end,
 *    or asks a person.
 */

export interface LendingPort {
  /** Tells the store that the slot is free for others. */
  lend(): Promise<void>;
  /** Tells it that the slot is wanted back; `given` follows one day. */
  reclaim(): Promise<void>;
  /** Told when it awaits a child, and when none any more. */
  onAwaiting?(some: boolean): void;
}

interface Wait {
  /** The child. */
  readonly id: string;
}

interface Deferred {
  promise: Promise<void>;
  resolve(): void;
}

export class Lending {
  readonly #port: LendingPort;
  /** Made for the first one: most attempts await no child. */
  #waits: Set<Wait> | undefined;
  #lent = false;
  /** Set while the slot is wanted back. */
  #back: Deferred | undefined;
  #slotless = false;

  constructor(port: LendingPort) {
    this.#port = port;
  }

  /** Runs a wait for a child; answers when it is over and the attempt may go on. */
  async during<T>(child: string, wait: () => Promise<T>): Promise<T> {
    if (this.#slotless) return wait();
    const mine: Wait = { id: child };
    this.#waits ??= new Set();
    this.#waits.add(mine);
    this.#port.onAwaiting?.(true);
    try {
      await this.#lend();
      return await wait();
    } finally {
      await this.#over([mine]);
      await this.#back?.promise;
    }
  }

  get #awaitsNone(): boolean {
    return this.#waits === undefined || this.#waits.size === 0;
  }

  /** The children that it awaits now. */
  get awaited(): string[] {
    return [...(this.#waits ?? [])].map(({ id }) => id);
  }

  /** A child that it awaits has ended. Resolves when the store knows that the slot is wanted back, if it is. */
  async ended(child: string): Promise<void> {
    await this.#over([...(this.#waits ?? [])].filter(({ id }) => id === child));
  }

  /** The store gave the slot back. */
  given(): void {
    if (this.#back === undefined) return; // lent again meanwhile
    this.#lent = false;
    this.#goOn();
  }

  /** Told to end, or asking: from now on it needs no slot. */
  letGo(): void {
    this.#slotless = true;
    this.#lent = false;
    this.#goOn();
  }

  /** It has a slot again, after an answer; a child that it still awaits may need that one. */
  async again(): Promise<void> {
    this.#slotless = false;
    await this.#lend();
  }

  async #lend(): Promise<void> {
    if (this.#lent && this.#back === undefined) return;
    if (this.#awaitsNone || this.#slotless) return;
    this.#lent = true;
    this.#goOn(); // while another child is awaited nobody waits for the slot
    await this.#port.lend();
  }

  async #over(waits: readonly Wait[]): Promise<void> {
    const known = waits.filter((wait) => this.#waits?.delete(wait));
    if (this.#awaitsNone) this.#port.onAwaiting?.(false);
    if (known.length === 0 || !this.#awaitsNone || !this.#lent || this.#slotless) return;
    this.#back ??= deferred();
    await this.#port.reclaim();
  }

  #goOn(): void {
    this.#back?.resolve();
    this.#back = undefined;
  }
}

function deferred(): Deferred {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
