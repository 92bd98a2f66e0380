/** The pages of reference name all that there is: names, methods, options, fields, errors, codes, kinds, exit codes. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GLOBALS } from '#offstage/cli/command.js';
import { EXIT } from '#offstage/cli/exit.js';
import { COMMANDS, GROUPS } from '#offstage/cli/groups.js';
import { REQUEST_KEYS, SPEC_KEYS } from '#offstage/client/verbs/request.js';
import * as offstage from '#offstage/index.js';
import { RUNNER_KEYS } from '#offstage/runner/options.js';
import { SUBMIT_KEYS } from '#offstage/runner/spec.js';
import { EVENT_KINDS } from '#offstage/wire/event.js';
import { ROOT } from '../../js/root.ts';
import { caught, enumOf, exported, JS, membersOf, undocumented } from './sources.ts';

/** What stands in a page's code spans, word by word: prose that happens to use a word names nothing. */
function namedOn(...pages: string[]): Set<string> {
  const text = pages.map((page) => readFileSync(join(ROOT, 'docs', page), 'utf8')).join('\n');
  const spans = text.replace(/^```[\s\S]*?^```/gm, '').match(/`[^`]+`/g) ?? [];
  return new Set(spans.flatMap((span) => span.match(/\w+/g) ?? []));
}
const missing = (words: readonly string[], ...pages: string[]): string[] => {
  const named = namedOn(...pages);
  return words.filter((word) => !named.has(word));
};
const complete = (words: readonly string[], ...pages: string[]): void => {
  assert.ok(words.length > 0, 'nothing was looked for');
  assert.deepEqual(missing(words, ...pages), [], `not named on ${pages.join(', ')}`);
};

test('API.md: every exported name, and ERRORS.md every class', () => {
  const { all, types } = exported();
  assert.deepEqual([...all].filter((name) => !types.includes(name)).sort(), Object.keys(offstage).sort());
  complete(all, 'API.md', 'ERRORS.md');
});

test('API.md: every method of a client, a handle, a worker and recipe.*', async () => {
  const client = await offstage.openBackground('/nowhere/tasks.db');
  complete(Object.keys(client), 'API.md');
  complete(Object.keys(client.handle('task_1')), 'API.md');
  complete(Object.keys(offstage.recipe), 'API.md');
  complete(membersOf('Worker', 'ports/worker'), 'API.md');
  await client.close();
});

test('API.md: every option of a submit, of opening, of working, of what is listed, waited for, recovered and removed', () => {
  complete(Object.keys(SPEC_KEYS), 'API.md');
  assert.deepEqual(Object.keys(REQUEST_KEYS).sort(), membersOf('TaskRequest').sort());
  for (const options of ['OpenOptions', 'AppWorkOptions', 'ListFilter', 'HandleWaitOptions', 'RecoverOptions']) {
    complete(membersOf(options), 'API.md');
  }
  complete(membersOf('ClearFilter', 'wire/requests'), 'API.md');
  complete(membersOf('Backoff'), 'API.md');
  complete(['name', ...membersOf('Named', 'recipe/define'), 'input', 'output', 'run'], 'API.md');
});

test('API.md: every field of a task, of what is to be done about it, of a question and of an answer', () => {
  for (const shape of ['Task', 'TaskAttention', 'InputRequest', 'Answer']) {
    complete(membersOf(shape, shape === 'Answer' ? 'wire/event' : 'wire/task'), 'API.md');
  }
  complete(membersOf('TaskErrorJson'), 'API.md');
});

test('RUNNER.md: every option and method of a runner, of a submit, and all that a function gets', () => {
  complete(Object.keys(RUNNER_KEYS), 'RUNNER.md');
  complete(Object.keys(SUBMIT_KEYS), 'RUNNER.md');
  complete([...membersOf('BackgroundRunner'), ...membersOf('BackgroundJobManager')], 'RUNNER.md');
  complete(membersOf('JobManagerOptions'), 'RUNNER.md');
  complete([...membersOf('TaskContext'), ...membersOf('InputQuestion')], 'RUNNER.md');
  complete(membersOf('RecipeContext'), 'RECIPES.md');
});

test('EVENTS.md: every kind, and all that its data holds', () => {
  complete(EVENT_KINDS, 'EVENTS.md');
  const data = /export interface EventData \{\n([\s\S]*?)\n\}/.exec(JS.get('js/wire/event-data.ts') ?? '')?.[1] ?? '';
  const fields = [...data.replace(/\/\*\*[\s\S]*?\*\//g, '').matchAll(/(\w+)\??: /g)].map(([, field = '']) => field);
  complete([...fields, ...membersOf('AttemptData'), ...membersOf('EventOptions')], 'EVENTS.md');
});

test('ERRORS.md: every code, why a task failed, why a store refuses, every warning', () => {
  complete(caught(JS, /^ {2}(\w+): (?:\{|FAILED)/gm, 'errors/from'), 'ERRORS.md');
  complete(caught(JS, /^ {2}(\w+): '/gm, 'cli/exit'), 'ERRORS.md');
  complete(caught(JS, /code: '(OFFSTAGE_\w+)'/g), 'ERRORS.md');
  complete(reasonsOfStores(), 'ERRORS.md');
  complete(enumOf('FailureCode', 'task/failure'), 'ERRORS.md');
  complete(enumOf('LostReason', 'task/state'), 'ERRORS.md');
});

/** Of a `StoreError`, as they stand in the code. */
const reasonsOfStores = (): string[] => [
  ...caught(JS, /reason: '(\w+)'/g, 'js/store/').filter((word) => !/^(worker_gone|lease_expired)$/.test(word)),
  ...caught(JS, /^ {2}(\w+): '/gm, 'store/sqlite/faults'),
];

/** The pages of the command line; its groups are found under their names. */
const COMMAND_LINE = [
  'CLI.md',
  'CONFIGURATION.md',
  'MAINTENANCE.md',
  'NOTIFICATIONS.md',
  'SCHEDULES.md',
  'TELEMETRY.md',
].filter((page) => existsSync(join(ROOT, 'docs', page)));

test('CLI.md and what it links: every command with its aliases, every option, every key of the configuration', async () => {
  const entries = [
    ...Object.values(GROUPS).flatMap(({ commands }) => Object.entries(commands)),
    ...Object.entries(COMMANDS),
  ];
  assert.ok(entries.length > 20, `only ${entries.length} commands`);
  const page = COMMAND_LINE.map((name) => readFileSync(join(ROOT, 'docs', name), 'utf8')).join('\n');
  for (const [name, { aliases = [], load }] of entries) {
    assert.match(page, new RegExp(`^#+ (?:offstage )?${name}\\b`, 'm'), `no section on ${name}`);
    for (const alias of aliases) assert.match(page, new RegExp(`^#+ ${name}\\b.*\\b${alias}\\b`, 'm'));
    const options = Object.keys((await load()).command.options).map((option) => `--${option}`);
    assert.deepEqual(
      options.filter((option) => !page.includes(`\`${option}`)),
      [],
      `options of ${name}`,
    );
  }
  const everywhere = Object.keys(GLOBALS).filter((option) => !page.includes(`\`--${option}`));
  assert.deepEqual(everywhere, []);
  const keys = caught(JS, /^ {2}'?([\w.]+)'?: /gm, 'client/config').filter((key) => key.startsWith('background.'));
  assert.deepEqual(
    keys.filter((key) => !page.includes(`| \`${key}\` |`)),
    [],
  );
});

test('CLI.md: every exit code', () => {
  const page = readFileSync(join(ROOT, 'docs/CLI.md'), 'utf8');
  const rows = Object.values(EXIT).filter(({ code }) => !page.includes(`\n| ${code} |`));
  assert.deepEqual(rows, []);
});

test('every option, field and method that is exported has a comment', () => {
  assert.deepEqual(exported().all.flatMap(undocumented), []);
  assert.ok(undocumented('WorkersHere').length > 0, 'members without a comment are not seen');
});

test('what a page does not name is found', () => {
  assert.deepEqual(missing(['submit', 'fly'], 'API.md'), ['fly']);
  assert.throws(() => complete([], 'API.md'), /nothing was looked for/);
  assert.throws(() => membersOf('Flight'), /no interface or class Flight/);
  assert.throws(() => caught(JS, /code: '(NEVER_\w+)'/g), /nothing in the sources/);
});
