/** docs/TROUBLESHOOTING.md has an entry for all that the code can say, and quotes nothing that it does not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../js/root.ts';
import { caught, enumOf, JS, RUST } from './sources.ts';

const PAGE = readFileSync(join(ROOT, 'docs/TROUBLESHOOTING.md'), 'utf8');
const SPANS = (PAGE.match(/`[^`\n]+`/g) ?? []).map((span) => span.slice(1, -1));

/** Words in code spans. */
const named = new Set(SPANS.flatMap((span) => span.match(/\w+/g) ?? []));
const complete = (words: readonly string[]): void =>
  assert.deepEqual(
    words.filter((word) => !named.has(word)),
    [],
  );

test('every kind, signal and next action that a status can have', () => {
  const file = 'rules/attention';
  complete(caught(RUST, /Row\("(\w+)"/g, file));
  complete(caught(RUST, /^ {8}\(.*, "(\w+)"\),$/gm, file));
  complete(caught(RUST, /Row\("\w+", "(\w+)"/g, file).filter((word) => word !== 'none'));
});

test('every code of an error, every reason of a store and of a loss, every warning', () => {
  complete(caught(JS, /^ {2}(\w+): (?:\{|FAILED)/gm, 'errors/from'));
  complete(caught(JS, /^ {2}(\w+): '/gm, 'cli/exit'));
  complete(caught(JS, /reason: '(\w+)'/g, 'js/store/'));
  complete(caught(JS, /^ {2}(\w+): '/gm, 'store/sqlite/faults'));
  complete(caught(JS, /reason: '(\w+)'/g, 'platform/'));
  complete(caught(JS, /code: '(OFFSTAGE_\w+)'/g));
  complete(enumOf('LostReason', 'task/state'));
});

/** The parts of a template that are the same in every message of it. */
const fixed = (template: string, gap: RegExp): string[] =>
  template.split(gap).filter((part) => /\w{2}\W+\w{2}/.test(part) && !part.includes('${'));

/** The first texts of the errors that are made of a template there, each with its fixed parts. */
function refusals(): string[][] {
  const js = caught(
    JS,
    /new (?:Conflict|Store|RecipePolicy|QueueFull)Error\(\s*([`'](?:\\.|[^`'\\]|(?<=\w)'(?=s ))*[`'])/g,
  );
  const conflict = caught(RUST, /Error::conflict\(\s*(?:format!\()?"([^"]*)"/g, 'src/engine/');
  const messages = caught(RUST, /let message = format!\("([^"]*)"/g, 'src/task/failure');
  const ofRust = [...conflict, ...messages].map((text) => fixed(text, /\{[^}]*\}/));
  return [...js.map((text) => fixed(text.slice(1, -1), /\$\{[^}]*\}/)), ...ofRust].filter((parts) => parts.length > 0);
}

/** The engine says these to the runner's own code, never to a user. */
const INTERNAL = /a task of a runner (is started by|runs the code)/;

test('every message of a refusal', () => {
  const all = refusals();
  assert.ok(all.length > 40, `only ${all.length} messages were found`);
  const isTold = (part: string) => PAGE.includes(part.trim()) || INTERNAL.test(part);
  assert.deepEqual(
    all.filter((parts) => !parts.some(isTold)),
    [],
  );
});

test('what is quoted as a message is said somewhere in the code', () => {
  const said = [...JS.values(), ...RUST.values()].join('\n').replaceAll(/' \+\s*'|` \+\s*'|' \+\s*`/g, '');
  const quoted = SPANS.filter(
    (span) => span.split(' ').length > 3 && !/^(offstage |background |npm |respond |update |retry |--)/.test(span),
  );
  assert.ok(quoted.length > 60, `only ${quoted.length} messages are quoted`);
  const parts = quoted.flatMap((span) => span.split('…')).map((part) => part.trim());
  const unsaid = parts.filter((part) => part.split(' ').length > 2 && !said.includes(part));
  assert.deepEqual(unsaid, []);
});
