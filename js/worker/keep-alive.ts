/** Keeps the process alive while there is a reason. */

/** The longest interval that Node can count; it only has to be there. */
const NEVER = 2 ** 31 - 1;

export class KeepAlive {
  #timer: NodeJS.Timeout | undefined;

  /** True: this process stays; false: it may end when nothing else keeps it. */
  set(wanted: boolean): void {
    if (wanted) {
      this.#timer ??= setInterval(() => {}, NEVER);
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
