/** What a shell completes: the real bash with the printed script, zsh and fish where they are installed. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GROUPS } from '#offstage/cli/groups.js';
import { BIN, Scene } from './scene.js';

const LIMIT = { timeout: 180_000 };
const BACKGROUND_BIN = BIN.replace(/offstage\.cjs$/, 'background.cjs');

/** A project with both bins on the `PATH`. */
function withBins(t: TestContext): { scene: Scene; env: NodeJS.ProcessEnv } {
  const scene = new Scene(t);
  const bins = scene.file('bins');
  mkdirSync(bins);
  for (const [name, script] of [
    ['offstage', BIN],
    ['background', BACKGROUND_BIN],
  ] as const) {
    writeFileSync(join(bins, name), `#!/bin/sh\nexec ${process.execPath} ${script} "$@"\n`);
    chmodSync(join(bins, name), 0o755);
  }
  return { scene, env: { ...scene.project.env, PATH: `${bins}:${process.env.PATH}` } };
}

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers for the last word of a line. */
function bashOffers({ scene, env }: ReturnType<typeof withBins>, line: string): string[] {
  const words = line.split(' ');
  const script = `
    eval "$(offstage completion bash)"
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}
    complete -p ${words[0]} >&2 || exit 9
    _offstage
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const how = { cwd: scene.folder, env, encoding: 'utf8' } as const;
  return execFileSync('bash', ['-c', script], how).split('\n').filter(Boolean);
}

test('bash completes groups, verbs, options, values, recipes and tasks, of both bins', {
  ...LIMIT,
  skip: !isThere('bash'),
}, async (t) => {
  const here = withBins(t);
  const { scene } = here;
  const done = (await scene.cli('submit', '--wait', '--name', 'done one', '--', 'true')).task_id;
  const live = (await scene.cli('submit', '--no-worker', '--delay', '3600', '--', 'true')).task_id;
  const short = (id: string): string => id.slice(5, 17);
  const offers = (line: string): string[] => bashOffers(here, line);
  assert.deepEqual(offers('offstage back'), ['background']);
  assert.deepEqual(offers('offstage '), [...Object.keys(GROUPS), 'config', 'completion', 'metrics', 'doctor']);
  assert.deepEqual(offers('offstage background '), Object.keys(GROUPS.background?.commands ?? {}));
  assert.deepEqual(offers('background '), Object.keys(GROUPS.background?.commands ?? {}));
  assert.deepEqual(offers('offstage background sub'), ['submit']);
  assert.deepEqual(offers('offstage background submit --on-'), ['--on-conflict', '--on-lost']);
  assert.deepEqual(offers('background submit --on-lost '), ['fail', 'retry']);
  assert.deepEqual(offers('background list --status comp'), ['completed']);
  assert.deepEqual(offers('background list --status = comp'), ['completed'], 'bash takes --status=comp apart');
  assert.deepEqual(offers('background submit --recipe th'), ['throws']);
  assert.deepEqual(offers('offstage recipe run ec'), ['echo']);
  assert.deepEqual(offers('offstage --store x background wa'), ['wait']);
  assert.deepEqual(offers('background status ').sort(), [short(done), short(live)].sort());
  assert.deepEqual(offers('background cancel '), [short(live)]);
  assert.deepEqual(offers('background submit -- tar --'), [], 'what a program takes is not ours: files are offered');
  assert.deepEqual(offers('offstage completion '), ['bash', 'zsh', 'fish']);
  assert.deepEqual(offers('offstage help background can'), ['cancel']);
  assert.equal(scene.project.workers().length, 1, 'a look for tasks starts nobody');
});

test('nothing is offered, made or said where there is no store, or a broken configuration', {
  ...LIMIT,
  skip: !isThere('bash'),
}, (t) => {
  const here = withBins(t);
  assert.deepEqual(bashOffers(here, 'offstage background status '), []);
  assert.equal(spawnSync('ls', ['.offstage'], { cwd: here.scene.folder }).status, 2);
  writeFileSync(here.scene.file('offstage.config.json'), '{');
  assert.deepEqual(bashOffers(here, 'offstage background status '), []);
});

test('the words that a shell asks for come with what they are, one a line', LIMIT, async (t) => {
  const { scene } = withBins(t);
  await scene.cli('submit', '--no-worker', '--delay', '3600', '--name', 'two\twords', '--', 'true');
  const { stdout } = await scene.project.run('completion', 'words', '--', 'background', 'status', '');
  assert.match(stdout, /^[0-9a-f]{12}\ttwo words pending\n$/);
  const { words } = await scene.project.json<{ words: { word: string }[] }>(
    'completion',
    'words',
    '--',
    'background',
    'resu',
  );
  assert.deepEqual(
    words.map(({ word }) => word),
    ['result'],
  );
});

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`the script for ${shell} is one that ${shell} reads`, LIMIT, async (t) => {
    const { scene } = withBins(t);
    const { code, stdout } = await scene.project.run('completion', shell);
    assert.equal(code, 0);
    assert.ok(stdout.includes('completion words -- '), stdout);
    assert.ok(['offstage', 'background'].every((bin) => stdout.includes(bin)));
    if (!isThere(shell)) return t.diagnostic(`${shell} is not installed: only the text was looked at`);
    const read = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    assert.deepEqual([read.status, read.stderr], [0, '']);
  });
}
