import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Project } from '../js/client/project.js';

/** What a refusal must be. */
interface Refusal {
  exit: number;
  code: string;
  error: RegExp;
}

/** Runs the words with and without `--json`: the refusal is as wanted, on the right stream, and no store was made. */
async function refuses(project: Project, args: readonly string[], { exit, code, error }: Refusal): Promise<void> {
  const json = await project.run(...args, '--json');
  const doc = JSON.parse(json.stdout) as { ok: boolean; error: string; code: string };
  assert.deepEqual([doc.ok, doc.code, json.code], [false, code, exit], json.stdout);
  assert.match(doc.error, error);
  assert.ok(
    Object.keys(doc).every((key) => ['ok', 'error', 'code', 'details'].includes(key)),
    json.stdout,
  );
  const human = await project.run(...args);
  assert.deepEqual([human.stdout, human.code], ['', exit]);
  assert.match(human.stderr, /^error: /);
  assert.ok(!human.stderr.includes('    at '), 'no stack');
}

const invalid = (error: RegExp): Refusal => ({ exit: 2, code: 'invalid_argument', error });
const submit = (...args: string[]) => ['background', 'submit', '--recipe', ...args];

const CASES: readonly (readonly [string, readonly string[], Refusal, ((project: Project) => void)?])[] = [
  [
    'an unknown recipe',
    submit('ehco'),
    { exit: 7, code: 'recipe_not_found', error: /^Recipe 'ehco' not found\. Did you mean: echo/ },
  ],
  [
    'an unknown recipe, run',
    ['recipe', 'run', 'ehco'],
    { exit: 7, code: 'recipe_not_found', error: /Did you mean: echo/ },
  ],
  ['a name with ..', submit('../echo'), invalid(/\.\./)],
  ['a path with ..', submit('./recipes/../recipes/echo'), invalid(/'\.\.'/)],
  [
    'a missing TEMPLATE.yaml',
    submit('bare'),
    { exit: 2, code: 'recipe_invalid', error: /^Recipe 'bare' is not valid: .*TEMPLATE\.yaml/ },
    (project) => {
      project.addRecipe('bare', 'export default () => 1;');
      rmSync(project.file('recipes/bare/TEMPLATE.yaml'));
    },
  ],
  [
    'a malformed TEMPLATE.yaml, with line and column',
    submit('malformed'),
    { exit: 2, code: 'recipe_invalid', error: /TEMPLATE\.yaml:3:1: / },
    (project) => project.addRecipe('malformed', '', 'description: x\ntags: [a\nversion: 1\n'),
  ],
  [
    '--config that is not JSON',
    submit('echo', '--config', '{a}'),
    invalid(/^--config: got "\{a\}", expected a JSON object/),
  ],
  ['--config that is no object', submit('echo', '--config', '[1]'), invalid(/^--config: /)],
  [
    '--input that is cut off, run',
    ['recipe', 'run', 'echo', '--input', '{"name": '],
    invalid(/^--input: got "\{\\"name\\": ", expected JSON: a value at character 10, where it ends/),
  ],
  [
    '--input from a file that is not there',
    submit('echo', '--input', '@gone.json'),
    invalid(/^--input: got "@gone\.json"/),
  ],
  [
    'a negative timeout',
    submit('echo', '--timeout', '-5'),
    invalid(/^--timeout: got "-5", expected seconds, 0 or more/),
  ],
  ['a timeout that is no number', submit('echo', '--timeout', 'NaN'), invalid(/^--timeout: got "NaN"/)],
  ['an unknown option', submit('echo', '--promt', 'x'), invalid(/^unknown option --promt/)],
  ['a recipe that is a prompt', submit('--prompt', 'x'), invalid(/^--recipe: got the option --prompt/)],
  [
    'a prompt where nothing says where models are',
    ['background', 'submit', '--prompt', 'x'],
    { exit: 6, code: 'missing_dependency', error: /set OPENAI_API_KEY, or OPENAI_BASE_URL/ },
  ],
  [
    'a command of a later version',
    ['background', 'schedule', 'abcd'],
    invalid(/^unknown command "background schedule"/),
  ],
  ['two keys', submit('echo', '--key', 'a', '--idempotency-key', 'b'), invalid(/got "a" and "b", expected one$/)],
  ['an empty key', submit('echo', '--key', ''), invalid(/^--idempotency-key: got 0 characters, expected 1 to 200/)],
  [
    'a policy that is none',
    submit('echo', '--on-conflict', 'x'),
    invalid(/^--on-conflict: got "x", expected parallel/),
  ],
  ['a timeout that is too long', submit('echo', '--timeout', '1e99'), invalid(/^--timeout: got 1e\+99, expected/)],
  ['an empty name', submit('echo', '--name', ''), invalid(/^--name: got 0 characters, expected 1 to 200/)],
  ['a cursor that is none', ['background', 'events', 'abcd', '--after', 'x'], invalid(/^--after: got "x", expected a/)],
  ['no event at all', ['background', 'events', 'abcd', '--limit', '0'], invalid(/^--limit: got "0", expected a whole/)],
  ['an answer without a key', ['background', 'respond', 'abcd', '--decline'], invalid(/^no key given/)],
  ['a key without an answer', ['background', 'respond', 'abcd', 'k'], invalid(/^no answer given, expected one of/)],
  [
    'two answers',
    ['background', 'respond', 'abcd', 'k', '--decline', '--accept', '1'],
    invalid(/^got several answers/),
  ],
  ['nothing to recover', ['background', 'recover'], invalid(/^no task given/)],
  ['one and all', ['background', 'recover', 'abcd', '--all'], invalid(/^--all: got a task beside it/)],
  ['nothing to retry', ['background', 'retry', '--id='], invalid(/^id: got "", expected/)],
  [
    'an unknown id',
    ['background', 'status', `task_${'a'.repeat(32)}`],
    { exit: 7, code: 'task_not_found', error: /tasks\.db/ },
  ],
  ['an unknown prefix', ['background', 'wait', 'abcd'], { exit: 7, code: 'task_not_found', error: /abcd/ }],
  ['a prefix that is too short', ['background', 'result', 'abc'], invalid(/abc/)],
  ['an id that is none', ['background', 'cancel', 'xyz!'], invalid(/xyz!/)],
  ['neither a recipe nor a program', ['background', 'submit'], invalid(/^nothing to submit: got no program/)],
  [
    'input that the schema refuses',
    submit('strict', '-i', '{"n":"x"}'),
    { exit: 2, code: 'recipe_invalid', error: /n/ },
    strict,
  ],
  ['required input that is missing', submit('strict'), { exit: 2, code: 'recipe_invalid', error: /\bn\b/ }, strict],
  ['a missing dependency', submit('needy'), { exit: 6, code: 'missing_dependency', error: /OFFSTAGE_TEST_KEY/ }, needy],
  ['a recipe that refuses background', submit('shy'), { exit: 4, code: 'policy_denied', error: /shy/ }, shy],
];

function strict(project: Project): void {
  project.addRecipe(
    'strict',
    'export default (i) => i.n;',
    'input: {type: object, required: [n], properties: {n: {type: number}}}\n',
  );
}
function needy(project: Project): void {
  project.addRecipe('needy', 'export default () => 1;', 'requires: {env: [OFFSTAGE_TEST_KEY]}\n');
}
function shy(project: Project): void {
  project.addRecipe('shy', 'export default () => 1;', 'runtime: {background: {enabled: false}}\n');
}

for (const [what, args, refusal, prepare] of CASES) {
  test(`refused, and nothing written: ${what}`, async (t) => {
    const project = new Project(t);
    prepare?.(project);
    await refuses(project, args, refusal);
    assert.equal(existsSync(project.file('.offstage')), false, 'no store was made');
    assert.deepEqual(project.processes(), [], 'no worker was started');
  });
}

test('an ambiguous prefix names the tasks that it may mean', async (t) => {
  const project = new Project(t);
  const verbs = await project.verbs(t, 'none');
  const ids: string[] = [];
  // birthday paradox would need hundreds of tasks for 4 equal digits, and one commit stores them all
  const tasks = await verbs.submit(Array.from({ length: 1_500 }, () => ({ recipe: 'echo', delay: '1h' })));
  const seen = new Map<string, string>();
  for (const { task_id } of tasks) {
    const prefix = task_id.slice(5, 9);
    const other = seen.get(prefix);
    if (other !== undefined) ids.push(other, task_id);
    seen.set(prefix, task_id);
  }
  const [first = '', second = ''] = ids;
  assert.notEqual(second, '', 'two of 1,500 ids share 4 digits');
  for (const verb of ['status', 'cancel', 'wait', 'result']) {
    const doc = await project.json<{ error: string; details: { matches: string[] } }>(
      'background',
      verb,
      first.slice(5, 9),
    );
    assert.deepEqual([doc.ok, doc.code, doc.exit], [false, 'invalid_argument', 2]);
    assert.ok(doc.error.includes('ambiguous') && doc.error.includes(first) && doc.error.includes(second), doc.error);
  }
  const all = await project.json<{ counts: Record<string, number> }>('background', 'list', '--page-size', '1');
  assert.equal(all.counts.pending, 1_500, 'nothing was cancelled');
});

const store = (error: RegExp): Refusal => ({ exit: 1, code: 'store', error });
const ASK = ['background', 'list'];

test('a store file that is not SQLite is refused and stays as it is', async (t) => {
  const project = new Project(t);
  mkdirSync(project.file('.offstage'), { mode: 0o700 });
  const text = 'these are my notes, not a database\n'.repeat(40);
  writeFileSync(project.store, text, { mode: 0o600 });
  for (const args of [ASK, submit('echo')]) await refuses(project, args, store(/tasks\.db is not an SQLite database/));
  assert.equal(readFileSync(project.store, 'utf8'), text);
});

test('a store of a newer version is refused and stays as it is', async (t) => {
  const project = new Project(t);
  await project.json('background', 'submit', '--recipe', 'echo', '--no-worker', '--delay', '1h');
  const bump = `const { createRequire } = require('node:module');
    let sqlite = process.getBuiltinModule('node:sqlite');
    sqlite ??= createRequire(${JSON.stringify(import.meta.url)})('@photostructure/sqlite');
    const db = new sqlite.DatabaseSync(process.argv[1]); db.exec('PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)'); db.close();`;
  execFileSync(process.execPath, ['-e', bump, project.store]);
  const before = readFileSync(project.store);
  for (const args of [ASK, submit('echo')]) await refuses(project, args, store(/schema 999.*newer version.*upgrade/));
  assert.deepEqual(readFileSync(project.store), before);
});

test('a store cannot be where nothing can be made', async (t) => {
  const project = new Project(t);
  writeFileSync(project.file('file'), '');
  for (const [path, error] of [
    ['/proc/offstage/tasks.db', /folder \/proc\/offstage cannot be written/],
    [project.file('file/tasks.db'), /folder .*\/file is not a folder/],
    [project.file('file/inner/tasks.db'), /folder .*\/file\/inner cannot be written: ENOTDIR/],
  ] as const) {
    await refuses(project, [...submit('./recipes/echo'), '--store', path], store(error));
  }
  mkdirSync(project.file('closed'), { mode: 0o500 });
  const inClosed = [...submit('./recipes/echo'), '--store', project.file('closed/inner/tasks.db')];
  if (process.getuid?.() !== 0) await refuses(project, inClosed, store(/cannot be written/)); // root may write anywhere
});

test('a symbolic link is no store, neither the folder nor the file', async (t) => {
  const project = new Project(t);
  mkdirSync(project.file('elsewhere'), { mode: 0o700 });
  symlinkSync(project.file('elsewhere'), project.file('.offstage'));
  await refuses(project, [...submit('./recipes/echo'), '--store', project.store], store(/is a symbolic link/));
  assert.equal(existsSync(project.file('elsewhere/tasks.db')), false);
  rmSync(project.file('.offstage'));
  mkdirSync(project.file('.offstage'), { mode: 0o700 });
  writeFileSync(project.file('target'), '');
  symlinkSync(project.file('target'), project.store);
  await refuses(project, [...submit('./recipes/echo'), '--store', project.store], store(/is a symbolic link/));
  assert.equal(readFileSync(project.file('target'), 'utf8'), '');
});

test('a folder that others can write to is no store', async (t) => {
  const project = new Project(t);
  mkdirSync(project.file('.offstage'));
  chmodSync(project.file('.offstage'), 0o777);
  await refuses(project, [...submit('./recipes/echo'), '--store', project.store], store(/not safe/));
  assert.equal(existsSync(project.store), false);
});

test('recipes that somebody planted are not run', async (t) => {
  const project = new Project(t);
  const trace = project.file('trace');
  project.addRecipe(
    'planted',
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(trace)}, ''); export default () => 1;`,
  );
  chmodSync(project.file('recipes'), 0o777);
  const denied = { exit: 4, code: 'policy_denied', error: /recipes.*writ/ };
  for (const args of [submit('planted'), ['recipe', 'run', 'planted']]) await refuses(project, args, denied);
  assert.deepEqual([existsSync(trace), existsSync(project.file('.offstage'))], [false, false]);
  chmodSync(project.file('recipes'), 0o755);
  chmodSync(join(project.file('recipes'), 'planted'), 0o777);
  await refuses(project, submit('planted'), { exit: 4, code: 'policy_denied', error: /planted/ });
  assert.equal(existsSync(trace), false);
});

test('asking a store that does not exist makes none', async (t) => {
  const project = new Project(t);
  const list = await project.json('background', 'list');
  assert.deepEqual([list.ok, list.total, list.exit], [true, 0, 0]);
  assert.equal((await project.run('background', 'list')).stdout, 'No background tasks\n');
  assert.deepEqual((await project.json('background', 'clear')).cleared, 0);
  assert.equal(existsSync(project.file('.offstage')), false);
});
