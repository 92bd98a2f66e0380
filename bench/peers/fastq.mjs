/**
 * fastq with callbacks. Its readme has no timeout, and nothing to hold, wait for or cancel one task by.
 *
 * A synchronous worker runs inside `push`, so nothing is ever queued; with 100k tasks queued first, it overflows the stack.
 */
import fastq from 'fastq';

const workers = {
  sync: (fn) => (_task, done) => done(null, fn()),
  async: (fn) => (_task, done) => {
    fn().then((value) => done(null, value), done);
  },
};

export const peer = {
  id: 'fastq',
  title: 'fastq',
  package: 'fastq',
  specifier: 'fastq',
  first: 'new Promise((done) => module.default((task, end) => end(null, 1), 5).push(0, done))',
  kinds: ['sync', 'async'],
  drain(fn, n, kind) {
    const queue = fastq(workers[kind](fn), 5);
    const settled = () => {};
    return new Promise((resolve) => {
      queue.drain = () => resolve();
      for (let at = 0; at < n; at++) queue.push(at, settled);
      if (queue.idle()) resolve(); // all ran inside `push`
    });
  },
};
