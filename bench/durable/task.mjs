/** The work that every queue of the durable rows is given: 1 KiB of input, a small result that tells that it arrived. */

const BYTES = 1024;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Text that no storage compresses to nothing; the same in every run. */
const TEXT = (() => {
  let state = 1;
  return Array.from({ length: BYTES }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return ALPHABET[(state >>> 16) % ALPHABET.length];
  }).join('');
})();

/** The input of task `n`: as JSON 1,024 bytes. */
export function makeInput(n) {
  const rest = JSON.stringify({ n, text: '' }).length;
  return { n, text: TEXT.slice(rest) };
}

/** What a task does. */
export const work = (input) => ({ n: input.n, length: input.text.length });

/** Throws unless that is the result of that input. */
export function check(input, result) {
  if (result?.n === input.n && result.length === input.text.length) return;
  throw new Error(`task ${input.n} ended with ${JSON.stringify(result)}`);
}
