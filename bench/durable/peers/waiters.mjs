/** Who waits for which task, for queues that tell of ends by an event: by the number in the input, known before the submit. */
export class Waiters {
  #waiting = new Map();

  /** Submits; resolves with the result when both the submit and the task are done. */
  async of(input, submit) {
    const result = this.#wait(input.n);
    await submit();
    return result;
  }

  async ofAll(inputs, submit) {
    const results = inputs.map(({ n }) => this.#wait(n));
    await submit();
    return Promise.all(results);
  }

  resolve(n, result) {
    this.#waiting.get(n)?.resolve(result);
    this.#waiting.delete(n);
  }

  reject(n, error) {
    this.#waiting.get(n)?.reject(error);
    this.#waiting.delete(n);
  }

  #wait(n) {
    return new Promise((resolve, reject) => this.#waiting.set(n, { resolve, reject }));
  }
}
