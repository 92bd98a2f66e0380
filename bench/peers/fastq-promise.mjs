/** fastq's promise form. The worker must answer a promise. `abort` rejects what is queued. */
import fastq from 'fastq';

export const peer = {
  id: 'fastq-promise',
  title: 'fastq.promise',
  package: 'fastq',
  specifier: 'fastq',
  first: 'module.default.promise(async () => 1, 5).push(0)',
  kinds: ['async'],
  cancels: ['all'],
  async drain(fn, n) {
    const queue = fastq.promise(fn, 5);
    for (let at = 0; at < n; at++) queue.push(at);
    await queue.drained();
  },
  async each(fn, n) {
    const queue = fastq.promise(fn, 5);
    const promises = new Array(n);
    for (let at = 0; at < n; at++) promises[at] = queue.push(at);
    await Promise.all(promises);
  },
  hold(fn) {
    const queue = fastq.promise(fn, 5);
    queue.pause();
    return {
      add: () => queue.push(0),
      cancelAll: () => queue.abort(),
      quiet(promises) {
        for (const promise of promises) promise.catch(() => {});
      },
    };
  },
};
