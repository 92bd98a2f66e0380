/** Keeps the process alive while there is a reason. */

/** The longest interval that Node can count; it only has to be there. */
const NEVER = 2 ** 31 - 1;

export class KeepAlive {
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** True: this process stays; false: it may end when nothing else keeps it. */
  set(wanted: boolean): void {
    if (wanted && !this.#over) {
      this.#timer ??= setInterval(() => {}, NEVER);
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  /** From now on there is no reason any more. */
  close(): void {
    this.#over = true;
    this.set(false);
  }
}
