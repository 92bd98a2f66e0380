/**
 * What the code of an execution asks for by its context.
 *
 * 1. An end waits for it: what was asked before the end is done before the end, and so is what the code asks for as soon as
 *    it is answered. Nobody waits once the execution was told to end.
 * 2. A call that fails, and that no code has listened to, is no unhandled rejection, which would end a process. It is told.
 */

const nothing = (): void => {};

/** A promise that knows whether anybody has listened to it, as `await` does. */
class Heard<T> extends Promise<T> {
  /** What is made of it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  heard = false;

  // biome-ignore lint/suspicious/noThenProperty: the one of a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.heard = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** Turns of the queue of promises in which code that got an answer asks for more, however it waits for it. */
const HOPS = 16;

export class Asked {
  readonly #open = new Set<Promise<void>>();
  readonly #failed: { what: string; call: Heard<unknown>; error: unknown }[] = [];
  #isReleased = false;
  #release = nothing;

  /** Whether an end has nothing to wait for. */
  get isIdle(): boolean {
    return this.#open.size === 0 || this.#isReleased;
  }

  /** Gives the call on to the code. `until`: as long as an end waits for it; default: as long as it takes. */
  add<T>(what: string, promise: Promise<T>, until: Promise<unknown> = promise): Promise<T> {
    const call = new Heard<T>((resolve, reject) => void promise.then(resolve, reject));
    Promise.prototype.then.call(call, undefined, (error) => this.#failed.push({ what, call, error }));
    const over: Promise<void> = until.then(nothing, nothing).then(() => void this.#open.delete(over));
    this.#open.add(over);
    return call;
  }

  /** Resolves when nothing is open any more, or at once when it was released. */
  async done(): Promise<void> {
    while (!this.isIdle) {
      const released = new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      await Promise.race([Promise.all(this.#open), released]);
      for (let hop = 0; hop < HOPS && this.isIdle; hop += 1) await undefined;
    }
  }

  /** The execution was told to end: nobody waits. */
  release(): void {
    this.#isReleased = true;
    this.#release();
  }

  /** What to say of the calls that failed while no code listened. */
  unheard(): string[] {
    if (this.#isReleased) return []; // they were ended
    const unheard = this.#failed.filter(({ call }) => !call.heard);
    return unheard.map(({ what, error }) => `${what} was not awaited, and failed: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  try {
    return String((error as Error | undefined)?.message ?? error);
  } catch {
    return 'unknown reason';
  }
}
