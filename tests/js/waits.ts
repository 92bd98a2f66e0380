/** Says which waits of the tests have no bound of their own. Works on text, so that a test can plant a fault. */
import type { Sources } from './floors.js';

/** The one file that may wait by itself. */
const HELPER = 'waiting.ts';

interface Rule {
  pattern: RegExp;
  says: string;
}

const RULES: readonly Rule[] = [
  { pattern: /\bfor \(\s*;\s*;/g, says: 'an endless loop; use until' },
  { pattern: /\bwhile \((?:true|1)\)/g, says: 'an endless loop; use until' },
  { pattern: /\bwhile \([^;{]*\bawait\b/g, says: 'a loop that waits for its condition; use until' },
  {
    pattern: /\bset(?:Timeout|Interval)\((?!\(\) => \{\})/g,
    says: 'a timer; wait for what is to happen, with until or within',
  },
  { pattern: /\btimers\/promises\b/g, says: 'a timer; wait for what is to happen, with until or within' },
  { pattern: /(?<![\w.])once\(/g, says: 'an event that is waited for without end; use heard' },
  { pattern: /\.once\('(?:message|exit|close|data)'/g, says: 'an event that is waited for without end; use heard' },
];

/** Where it is no wait of the test: the file, what stands there, and why. */
const FINE: readonly (readonly [string, string, string])[] = [
  ['js/runner/thread-module.ts', 'for (;;) Atomics.add', 'it works until its thread is ended, which is what is tested'],
  ['js/runner/reentry.test.ts', 'for (;;) {', 'an iterator that ends with its task'],
  ['js/runner/flood.test.ts', 'set', 'whether a timer has its turn is what is tested'],
  ['js/runner/thread-module.ts', 'setInterval(() => {', 'it looks in its thread, whose gate the test opens'],
  ['js/lazy-probe.ts', 'timers/promises', 'it watches for timers'],
  ['js/contract/clock.ts', 'setImmediate as turn', 'turns of the event loop, under a virtual clock'],
  ['js/runner/scope.test.ts', 'setImmediate as turn', 'a turn of the event loop in the code of a task'],
  ['js/contract/store/worker.ts', 'setImmediate as turn', 'turns of the event loop, under a virtual clock'],
  ['js/worker/inside/code-run.test.ts', 'once(), once()', 'a function of the test'],
  ['js/worker/inside/code-run.test.ts', 'const once =', 'a function of the test'],
  [
    'js/client/staff/noted.test.ts',
    'setTimeout(() => other.close()',
    'that others hold the lock for so long is what is tested',
  ],
  ['cli/process.ts', "child.once('close'", 'who asks for the end waits within'],
];

/** Each wait that a reader must mend, with its file and line. */
export function unboundedWaits(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) => (file === HELPER ? [] : inFile(file, text)));
}

function inFile(file: string, text: string): string[] {
  const code = withoutTexts(text);
  const lines = text.split('\n');
  return RULES.flatMap(({ pattern, says }) =>
    [...code.matchAll(pattern)].flatMap(({ index }) => {
      const line = code.slice(0, index).split('\n').length;
      const shown = lines[line - 1] ?? '';
      const isFine = FINE.some(([where, what]) => where === file && shown.includes(what));
      return isFine ? [] : [`${file}:${line}: ${says}: ${shown.trim()}`];
    }),
  );
}

/**
 * The code with the insides of comments, texts and templates blank: what a recipe in a text does is no wait of the test.
 * Event names stay, since rules ask for them.
 */
export function withoutTexts(text: string): string {
  const parts =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[(,=:[!&|?{};]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/g;
  return text.replace(parts, (part) => (isName(part) ? part : part.replace(/[^\n]/g, ' ')));
}

const isName = (part: string): boolean => /^'(?:[a-z]+|node:[a-z/]+)'$/.test(part);
