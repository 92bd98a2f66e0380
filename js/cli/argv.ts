/** What the command line was before Node read it: loaded only when a word may have been something else. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from '../errors/argument.ts';
import { readText } from '../wire/text.ts';

/**
 * Refuses a word that holds U+FFFD where that is what Node made of bytes that are no UTF-8. Where the system does not tell
 * what was typed (it does on Linux) the word is taken as it is.
 */
export function refuseGarbled(option: string, word: string): void {
  const typed = words();
  if (typed === undefined || typed.some(({ text }) => text?.includes(word))) return;
  const { problem } = typed.find((one) => one.problem !== undefined) ?? {};
  if (problem === undefined) return;
  throw new InvalidArgumentError(`${option}: got ${JSON.stringify(word)}, expected text in UTF-8, but it ${problem}`, {
    option,
    expected: 'text in UTF-8',
  });
}

function words(): ReturnType<typeof readText>[] | undefined {
  try {
    return split(readFileSync('/proc/self/cmdline')).map(readText);
  } catch {
    return undefined;
  }
}

function split(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0, from);
    found.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return found;
}
