import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GROUPS } from '#offstage/cli/groups.js';
import type { ClientOptions } from '#offstage/client/index.js';
import { TaskError } from '#offstage/errors/index.js';
import { cli, document, ID, taskOf } from './fake.js';

const USAGE: readonly (readonly [readonly string[], RegExp])[] = [
  [
    ['backgruond', 'list'],
    /^unknown command "backgruond"; did you mean: offstage background list( --json)?( --quiet)?$/,
  ],
  [
    ['frobnicate'],
    /^unknown command "frobnicate"; known are background, recipe, schedule, notify, store, service, config, completion, metrics, doctor$/,
  ],
  [
    ['background', 'lsit'],
    /^unknown command "background lsit"; did you mean: offstage background list( --json)?( --quiet)?$/,
  ],
  [['background', 'schedule', ID], /^unknown command "background schedule"; known are submit/],
  [['background', 'toString'], /^unknown command "background toString"/],
  [['--nope', 'background', 'list'], /^unknown option --nope/],
  [['background', 'submit', '--schedule', 'x'], /^unknown option --schedule/],
  [
    ['background', 'submit', '--recipe', 'r', '--key', 'a', '--idempotency-key', 'b'],
    /^--idempotency-key: got "a" and "b", expected one$/,
  ],
  [
    ['background', 'submit', '--recipe', 'r', '--idempotency-key', 'a', '--key', 'b'],
    /^--idempotency-key \(--key\): got "a" and "b", expected one$/,
  ],
  [
    ['background', 'submit', '--recipe', 'r', '--on-conflict', 'wait'],
    /^--on-conflict: got "wait", expected parallel or enqueue or interrupt or reject$/,
  ],
  [['background', 'events'], /^no task given, expected an id/],
  [['background', 'events', ID, '--after', '-1'], /^--after: got "-1", expected a whole number, 0 or more$/],
  [['background', 'events', ID, '--after', '1.5'], /^--after: got "1.5", expected a whole number, 0 or more$/],
  [['background', 'events', ID, '--limit', '0'], /^--limit: got "0", expected a whole number, 1 or more$/],
  [['background', 'respond'], /^no task given, expected an id/],
  [['background', 'respond', ID, 'key'], /^no answer given, expected one of --accept JSON, --decline or --cancel$/],
  [['background', 'respond', ID, '--decline'], /^no key given, expected the key of a request/],
  [['background', 'respond', ID, 'k', '--decline', '--cancel'], /^got several answers, expected one of --accept/],
  [['background', 'respond', ID, 'k', '--accept', '1', '--decline'], /^got several answers/],
  [['background', 'respond', ID, 'k', 'more', '--decline'], /^unexpected argument "more"/],
  [['background', 'respond', ID, 'k', '--id', 'abcd', '--decline'], /^--id: got "abcd" beside the argument/],
  [['background', 'retry'], /^no task given, expected an id/],
  [['background', 'retry', ID, ID], /^unexpected argument/],
  [['background', 'recover'], /^no task given, expected an id/],
  [['background', 'recover', ID, '--all'], /^--all: got a task beside it, expected one of them$/],
  [['background', 'recover', '--id', ID, '--all'], /^--all: got a task beside it/],
  [['recipe', 'info'], /^an argument is missing; usage: offstage recipe info RECIPE \[options\]$/],
  [['recipe', 'validate', 'a', 'b'], /^unexpected argument "b"/],
  [['recipe', 'init'], /^an argument is missing/],
  [['background', 'list', 'x'], /^unexpected argument "x"; usage: offstage background list \[options\]$/],
  [['background', 'status'], /^no task given, expected an id/],
  [['background', 'result', ID, '--id', 'abcd'], /^--id: got "abcd" beside the argument/],
  [['background', 'result', ID, ID], /^unexpected argument/],
  [['background', 'logs', ID, '--tail', 'x'], /^--tail: got "x", expected a whole number, 0 or more$/],
  [['background', 'clear', ID, '--status', 'done'], /^--status: got tasks beside it, expected one of them$/],
  [['background', 'cancel'], /^no task given/],
  [
    ['background', 'submit'],
    /^nothing to submit: got no program, expected one, a recipe or a prompt: offstage background submit -- npm/,
  ],
  [['recipe', 'run'], /^an argument is missing; usage: offstage recipe run RECIPE \[options\]$/],
  [['background', 'list', '--store', ''], /^--store: got "", expected a path$/],
];

for (const [argv, message] of USAGE) {
  test(`usage error: ${argv.join(' ') || '(nothing)'}`, async () => {
    const ran = await cli([...argv, '--json']);
    const doc = document<{ ok: boolean; error: string; code: string }>(ran);
    assert.match(doc.error, message);
    assert.deepEqual(
      [doc.ok, doc.code, ran.code, ran.stderr, ran.opened.length],
      [false, 'invalid_argument', 2, '', 0],
    );
    const human = await cli(argv);
    assert.deepEqual([human.code, human.stdout], [2, '']);
    assert.match(
      human.stderr,
      /^error: [^\n]+\n((Tasks: {5}offstage background|Recipes: {3}offstage recipe) list\n)?See: offstage [^\n]*--help\n$/,
    );
    assert.match((await cli([...argv, '--quiet'])).stderr, /^error: [^\n]+\n$/);
  });
}

for (const [argv, usage] of [
  [[], 'Usage: offstage <group> <command> [options]'],
  [['help'], 'Usage: offstage <group> <command> [options]'],
  [['background'], 'Usage: offstage background <command> [options]'],
  [['recipe', 'help'], 'Usage: offstage recipe <command> [options]'],
  [['help', 'recipe', 'init'], 'Usage: offstage recipe init NAME [options]'],
  [['background', 'help', 'init'], 'Usage: offstage background init NAME [options]'],
] as const) {
  test(`asked for nothing, or for help, it prints its help: ${argv.join(' ') || '(nothing)'}`, async () => {
    const ran = await cli(argv);
    assert.deepEqual([ran.code, ran.stderr, ran.opened.length], [0, '', 0]);
    assert.ok(ran.stdout.split('\n').includes(usage), ran.stdout);
    assert.deepEqual(document(await cli([...argv, '--json'])), { ok: true, help: ran.stdout.slice(0, -1) });
  });
}

test('the bin of one group prints that help, and has the commands that stand for themselves', async () => {
  const own = { program: 'background' as const };
  assert.match((await cli(['background'], own)).stdout, /^Usage: background <command> \[options\]$/m);
  assert.match((await cli(['background', 'doctor', '--help'], own)).stdout, /^Says which store is used/);
  assert.equal((await cli(['background', 'doctor', '--help'])).code, 2, 'only there');
});

for (const [code, exit] of [
  ['invalid_argument', 2],
  ['recipe_invalid', 2],
  ['queue_full', 4],
  ['policy_denied', 4],
  ['conflict', 4],
  ['wait_timeout', 5],
  ['missing_dependency', 6],
  ['task_not_found', 7],
  ['not_found', 7],
  ['recipe_not_found', 7],
  ['store', 1],
  ['no_such_code', 1],
] as const) {
  test(`an error with code ${code} exits with ${exit}`, async () => {
    const get = async () => {
      throw new TaskError(code, 'because', { details: { a: 1 } });
    };
    const ran = await cli(['background', 'status', ID, '--json'], { verbs: { get } });
    assert.deepEqual([document(ran), ran.code], [{ ok: false, error: 'because', code, details: { a: 1 } }, exit]);
    assert.equal(ran.closed, 1, 'the store is closed');
  });
}

test('an error of no class of ours is unexpected, and its text is shown safely', async () => {
  const get = async () => {
    throw new RangeError('bad \x1b[31m news');
  };
  const json = await cli(['background', 'status', ID, '--json'], { verbs: { get } });
  assert.deepEqual([document(json), json.code], [{ ok: false, error: 'bad \x1b[31m news', code: 'unexpected' }, 1]);
  const human = await cli(['background', 'status', ID], { verbs: { get } });
  assert.deepEqual([human.stderr, human.stdout, human.code], ['error: bad \\x1b[31m news\n', '', 1]);
});

test('global options stand anywhere, groups and commands have aliases', async () => {
  const get = async () => [taskOf()];
  for (const argv of [
    ['--store', '/s', '--json', 'background', 'status', ID],
    ['background', '--json', '--store=/s', 'info', '--id', ID],
    ['bg', 'info', ID, '--store', '/s', '--json'],
  ]) {
    const ran = await cli(argv, { verbs: { get }, cwd: '/here', env: { A: 'b' } });
    const [{ onWarning, ...opened } = {}] = ran.opened;
    assert.deepEqual([ran.opened.length, opened], [1, { cwd: '/here', env: { A: 'b' }, mount: 'direct', store: '/s' }]);
    assert.deepEqual([ran.code, document(ran)], [0, { ok: true, ...taskOf() }]);
  }
});

test('what keeps a task from running is told on stderr at once, also with --quiet, and stands in the JSON once', async () => {
  for (const flags of [['--json'], ['--quiet'], ['--json', '--quiet']]) {
    const opened: ClientOptions[] = [];
    const get = async () => {
      opened[0]?.onWarning?.('no worker: \x1b[31m\nsecond line');
      return [taskOf()];
    };
    const ran = await cli(['background', 'status', ID, ...flags], { verbs: { get }, opened });
    assert.equal(ran.stderr, 'warning: no worker: \\x1b[31m\nsecond line\n');
    const warnings = ['no worker: \x1b[31m\nsecond line'];
    if (flags.includes('--json')) assert.deepEqual(document(ran), { ok: true, ...taskOf(), warnings });
  }
});

test('the version is that of the package', async () => {
  const manifest = new URL('../package.json', import.meta.resolve('#offstage/cli/offstage.cjs'));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  for (const argv of [['--version'], ['background', '--version'], ['background', 'list', '--version']]) {
    assert.equal((await cli(argv)).stdout, `${version}\n`);
    assert.deepEqual(document(await cli([...argv, '--json'])), { ok: true, version });
  }
});

test('the root help names every command and every exit code', async () => {
  const { stdout, code } = await cli(['--help']);
  assert.equal(code, 0);
  for (const group of Object.values(GROUPS)) {
    for (const name of Object.keys(group.commands)) assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
  }
  for (const exit of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143]) assert.match(stdout, new RegExp(`^  ${exit} +\\S`, 'm'));
  assert.deepEqual(document(await cli(['--help', '--json'])), { ok: true, help: stdout.trimEnd() });
});

for (const [group, { commands }] of Object.entries(GROUPS)) {
  for (const [name, { load }] of Object.entries(commands)) {
    test(`the help of ${group} ${name} shows every option, and its examples parse`, async () => {
      const { stdout, code } = await cli([group, name, '-h']);
      assert.equal(code, 0);
      const { command } = await load();
      for (const option of [...Object.keys(command.options), 'store', 'json'])
        assert.ok(stdout.includes(`--${option}`), option);
      assert.ok(command.examples.length > 0);
      for (const example of command.examples) {
        assert.ok(stdout.includes(example));
        const words = (example.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
        const own = words.slice(1).filter((word) => word !== '--json');
        const end = own.includes('--') ? own.indexOf('--') : own.length;
        const help = await cli([...own.slice(0, end), '--help', ...own.slice(end)]);
        assert.deepEqual([help.code, help.stdout], [0, stdout], example);
      }
    });
  }
}
