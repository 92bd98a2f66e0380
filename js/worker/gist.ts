/** What Node prints around an error that ended a process: where in its own files it was thrown, and its version. */
const AROUND = /^\s+at |^node:internal\/|^\s*throw |^\s*\^+\s*$|^Node\.js v\d|^\s*$/;

/** What is worth telling of the lines that a process printed before it ended; all of it stands in the log. */
export function gistOf(lines: readonly string[]): string[] {
  const told = lines.filter((line) => !AROUND.test(line));
  return told.length > 0 ? told : [...lines];
}
