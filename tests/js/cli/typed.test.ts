/** What a user is told to type works as it stands: spelled as he called us, and of help. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError, RecipeNotFoundError, StoreError } from '#offstage/errors/index.js';
import { cli, done, getting, ID, LACKS_NOTHING, pending, submit, taskOf } from './fake.js';

const BIN = '/p/node_modules/.bin';

/** The command that `retry` prints for a look at the new task. */
async function printed(setup: Parameters<typeof cli>[1], ...argv: string[]): Promise<string | undefined> {
  const { stderr } = await cli(['background', 'submit', '--recipe', 'r', ...argv], { verbs: { submit }, ...setup });
  return /^Status: (.*)$/m.exec(stderr)?.[1];
}

test('a command is printed as the person called it', async () => {
  const status = `background status ${ID}`;
  assert.equal(await printed({}), `offstage ${status}`);
  assert.equal(await printed({ program: 'background' }), status);
  const npx = { env: { npm_lifecycle_event: 'npx', PATH: BIN }, script: `${BIN}/offstage` };
  assert.equal(await printed(npx), `npx offstage ${status}`);
  assert.equal(await printed({ ...npx, program: 'background' }), `npx offstage ${status}`, 'no package of that name');
  assert.equal(await printed({ env: { npm_lifecycle_event: 'test' } }), `offstage ${status}`);
  const local = { script: `${BIN}/offstage`, env: { PATH: '/usr/bin:/bin' } };
  assert.equal(await printed({ ...local, cwd: '/p' }), `./node_modules/.bin/offstage ${status}`);
  assert.equal(await printed({ ...local, cwd: '/p/packages/app' }), `${BIN}/offstage ${status}`);
  const both = { ...local, program: 'background' as const, script: `${BIN}/background`, cwd: '/p' };
  assert.equal(await printed(both), `./node_modules/.bin/${status}`);
  assert.equal(await printed({ ...local, env: { PATH: `/bin:${BIN}` } }), `offstage ${status}`);
  assert.equal(await printed({}, '--store', '/a b'), `offstage ${status} --store '/a b'`);
  for (const [agent, typed] of [
    ['npm/10.9.0 node/v22.1.0 linux x64', 'npx offstage'],
    ['pnpm/9.1.0 npm/? node/v22.1.0 linux x64', 'pnpm exec offstage'],
    ['yarn/4.2.0 npm/? node/v22.1.0 linux x64', 'yarn offstage'],
    ['bun/1.1.8 npm/? node/v22.0.0 linux x64', 'bunx offstage'],
    ['deno/2.0.0', 'offstage'],
  ]) {
    const env = { npm_config_user_agent: agent, PATH: BIN };
    assert.equal(
      await printed({ env, script: `${BIN}/background`, program: 'background' }),
      agent === 'deno/2.0.0' ? status : `${typed} ${status}`,
    );
    assert.equal(
      await printed({ env, script: '/usr/local/bin/offstage' }),
      `offstage ${status}`,
      'it is installed for all',
    );
  }
});

test('the first Yarn takes one -- for itself: whoever is told to type one is told two', async () => {
  const yarn = {
    env: { npm_config_user_agent: 'yarn/1.22.22 npm/? node/v22.1.0', PATH: BIN },
    script: `${BIN}/offstage`,
  };
  const argv = ['background', 'submit', 'npm', 'test'];
  assert.match((await cli(argv, yarn)).stderr, /behind --: yarn offstage background submit -- -- npm test\n/);
  assert.match(
    (await cli(['background', 'submit'], yarn)).stderr,
    /: yarn offstage background submit -- -- npm test, or/,
  );
  assert.match(
    (await cli(['background', 'submit', '-h'], yarn)).stdout,
    /^ {2}yarn offstage background submit -- -- npm test$/m,
  );
  const later = { ...yarn, env: { ...yarn.env, npm_config_user_agent: 'yarn/4.2.0' } };
  assert.match((await cli(argv, later)).stderr, /behind --: yarn offstage background submit -- npm test\n/);
});

test('help, usage, hints and errors spell commands as the person called them', async () => {
  const npx = { env: { npm_lifecycle_event: 'npx' } };
  const own = { program: 'background' as const };
  const help = async (setup: object, ...argv: string[]): Promise<string> =>
    (await cli([...argv, '--help'], setup)).stdout;
  assert.match(
    await help(npx, 'background', 'submit'),
    /^Usage: npx offstage background submit \[options\] -- PROGRAM ARG…$/m,
  );
  assert.match(await help(npx, 'background', 'submit'), /^ {2}npx offstage background submit -- npm test$/m);
  assert.match(await help(own, 'background', 'submit'), /^ {7}background submit --recipe RECIPE \[options\]$/m);
  assert.match(await help(own, 'background', 'submit'), /^ {2}background submit -- npm test$/m);
  assert.match(await help(own, 'background'), /^Usage: background <command> \[options\]$/m);
  assert.match(await help(npx), /^ {2}npx offstage background list$/m);
  const stderr = async (setup: object, ...argv: string[]): Promise<string> => (await cli(argv, setup)).stderr;
  assert.match(await stderr(own, 'background', 'lsit'), /did you mean: background list\nSee: background --help\n$/);
  assert.match(
    await stderr(npx, 'background', 'list', 'x'),
    /usage: npx offstage background list \[options\]\nSee: npx offstage background list --help\n$/,
  );
  const older = async () => {
    throw new StoreError('a worker lives; `offstage store migrate --force` upgrades at once');
  };
  assert.match(
    await stderr({ ...npx, verbs: { get: older } }, 'background', 'status', ID),
    /`npx offstage store migrate --force`/,
  );
  assert.match(
    await stderr({ ...own, verbs: { submit: missing } }, 'background', 'submit', '--recipe', 'r'),
    /^Make it: {3}background init r$/m,
  );
});

const missing = async () => {
  throw new RecipeNotFoundError('r', ['s'], ['/p/recipes', '/home/.offstage/recipes']);
};

test('a recipe that is not found: where it was looked for, and the command that makes it', async () => {
  const argv = ['background', 'submit', '--recipe', 'r'];
  const setup = { verbs: { submit: missing }, env: { npm_lifecycle_event: 'npx' } };
  const ran = await cli([...argv, '--store', 's.db'], setup);
  assert.deepEqual(
    [ran.code, ran.stdout, ran.stderr],
    [
      7,
      '',
      [
        "error: Recipe 'r' not found. Did you mean: s?",
        'Looked in: /p/recipes',
        '           /home/.offstage/recipes',
        'Make it:   npx offstage recipe init r --store s.db',
        '',
      ].join('\n'),
    ],
  );
  assert.equal((await cli([...argv, '--quiet'], setup)).stderr, "error: Recipe 'r' not found. Did you mean: s?\n");
  const json = JSON.parse((await cli([...argv, '--json'], setup)).stdout);
  assert.deepEqual(json.details, { recipe: 'r', searched: ['/p/recipes', '/home/.offstage/recipes'] });
});

const lonely = taskOf({ status: 'pending', name: 'mine', recipe: 'mine', task_status: { next_action: 'worker' } });
const lastLines = async (lacks: Partial<typeof LACKS_NOTHING>) => {
  const verbs = { ...getting(lonely), lacks: async () => ({ ...LACKS_NOTHING, ...lacks }) };
  const { stdout } = await cli(['background', 'status', ID], { verbs });
  return stdout.trimEnd().split('\n').slice(8);
};

test('what nobody can run: the app that must be started, or what is missing and the worker', async () => {
  assert.deepEqual(await lastLines({}), ['Next: offstage background worker']);
  assert.deepEqual(await lastLines({ app: 'mi\x1bne' }), ["Next: start the app that serves 'mi\\x1bne'"]);
  assert.deepEqual(await lastLines({ env: ['A', 'B'], folder: '/p/recipes/mine' }), [
    'Needs: A, B: not set here',
    'Needs: /p/recipes/mine: not here',
    'Next: offstage background worker',
  ]);
});

test('who waits for a recipe in code, or submits it again, is told which app must run', async () => {
  const lacks = async () => ({ ...LACKS_NOTHING, app: 'mine' });
  const told = /^Nobody serves it: start the app that serves 'mine'$/m;
  const wait = async () => ({ tasks: [done(1)], wait_status: 'ok' as const });
  assert.match((await cli(['background', 'wait', ID], { verbs: { wait, lacks } })).stderr, told);
  const retry = async () => pending;
  assert.match((await cli(['background', 'retry', ID], { verbs: { retry, lacks } })).stderr, told);
  const quiet = await cli(['background', 'retry', ID, '--quiet'], { verbs: { retry, lacks } });
  assert.deepEqual([quiet.stderr, quiet.calls.some(([verb]) => verb === 'lacks')], ['', false]);
});

test('list names its store unless it is that of the working folder', async () => {
  const counts = { pending: 0, running: 0, input_required: 0, completed: 0, failed: 0, cancelled: 0 };
  const page = { tasks: [], page: 1, page_size: 20, total: 0, total_exact: true, counts, next: null };
  const list = async () => page;
  const stderr = async (store: string, ...flags: string[]) =>
    (await cli(['background', 'list', ...flags], { verbs: { list, store }, cwd: '/p/app' })).stderr;
  assert.equal(await stderr('/p/app/.offstage/tasks.db'), '');
  assert.equal(await stderr('/p/.offstage/tasks.db'), 'Store: /p/.offstage/tasks.db\n');
  assert.equal(await stderr('/p/app/other.db'), 'Store: /p/app/other.db\n');
  assert.equal(await stderr('/p/.offstage/tasks.db', '--json'), '');
});

test('no error shows the password of an address', async () => {
  const refused = async () => {
    throw new InvalidArgumentError('cannot use postgres://ada:pa@ss/word@host/db, nor redis://:word@host');
  };
  const { stderr } = await cli(['background', 'list'], { verbs: { list: refused } });
  assert.match(stderr, /^error: cannot use postgres:\/\/ada:\*\*\*@host\/db, nor redis:\/\/:\*\*\*@host$/m);
  const twice = ['--store', 'nosuch://u:word@h', '--store', 'other://u:word@h'];
  for (const json of [[], ['--json']]) {
    const ran = await cli(['background', 'list', ...twice, ...json]);
    assert.deepEqual([ran.code, `${ran.stdout}${ran.stderr}`.includes('word')], [2, false]);
  }
});
