import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '#offstage/errors/index.js';
import type { Change, Changed, Store } from '#offstage/store/types.js';
import { Journal } from '#offstage/worker/journal.js';

const ATTEMPT = { id: 'task_1', attempt: 1, epoch: 3 };
const SUCCEED = { command: 'succeed', attempt: 1, epoch: 3 } as const;

/** A store that remembers the commits and answers when it is told to. */
function fakeStore(answer: (changes: readonly Change[]) => Promise<unknown> = async (c) => c.map(() => changed)) {
  const commits: Change[][] = [];
  const run = (_: string, { changes }: { changes: Change[] }): Promise<unknown> => {
    commits.push(changes);
    return answer(changes);
  };
  const journal = new Journal({ run } as unknown as Store, ATTEMPT, (error) => assert.fail(String(error)));
  return { commits, journal };
}

const changed = { id: 'task_1', changed: true, status: 'completed', record: '', events: [] } as Changed;
const kinds = (commit: Change[] | undefined): string[] => (commit ?? []).map(({ command }) => command.command);

test('facts are committed at most ten times a second, and the last progress is one of them', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { commits, journal } = fakeStore();
  for (; now < 1000; now++) {
    journal.add({ command: 'progress', fraction: now / 1000 });
    t.mock.timers.tick(1);
    await Promise.resolve();
  }
  await journal.commit([SUCCEED]);
  assert.ok(commits.length >= 9 && commits.length <= 12, `${commits.length} commits`);
  assert.ok(commits.slice(0, -1).every((commit) => commit.length === 1));
  assert.deepEqual(
    commits.at(-1)?.map(({ command }) => command),
    [{ command: 'progress', fraction: 0.999, attempt: 1, epoch: 3 }, SUCCEED],
  );
});

test('the terminal command takes what was gathered along, in order and in one commit', async () => {
  const { commits, journal } = fakeStore();
  journal.add({ command: 'progress', fraction: 0.1 });
  journal.add({ command: 'log', line: 'a' });
  journal.add({ command: 'progress', fraction: 0.2 });
  journal.add({ command: 'output', chunk: { x: 1 } });
  assert.equal(await journal.commit([SUCCEED], { result: '1' }), changed);
  assert.equal(commits.length, 1);
  assert.deepEqual(kinds(commits[0]), ['log', 'progress', 'output', 'succeed']);
  assert.deepEqual(
    commits[0]?.map(({ payloads }) => payloads),
    [undefined, undefined, undefined, { result: '1' }],
  );
});

test('commits never overtake each other', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { commits, journal } = fakeStore(async (changes) => {
    await gate;
    return changes.map(() => changed);
  });
  journal.add({ command: 'log', line: 'first' });
  const first = journal.commit([]);
  journal.add({ command: 'log', line: 'second' });
  const second = journal.commit([SUCCEED]);
  await Promise.resolve();
  assert.deepEqual(commits.map(kinds), [['log']]);
  open();
  await Promise.all([first, second]);
  assert.deepEqual(commits.map(kinds), [['log'], ['log', 'succeed']]);
});

test('a flood loses its oldest part and says so; progress and the newest stay', async () => {
  const { commits, journal } = fakeStore();
  journal.add({ command: 'progress', fraction: 0.5 });
  for (let n = 0; n < 50_000; n++) journal.add({ command: 'log', line: `line ${n}` });
  await journal.commit([SUCCEED]);
  const lines = (commits[0] ?? []).map(({ command }) =>
    command.command === 'log' ? String(command.line) : command.command,
  );
  assert.ok(lines.length <= 10_003);
  assert.equal(lines.at(-2), 'line 49999');
  const dropped = Number(/(\d+) events/.exec(lines[0] ?? '')?.[1]);
  assert.equal(dropped + lines.length - 3, 50_000);
  assert.ok(lines.includes('progress'));
});

test('after the close nothing is gathered', async () => {
  const { commits, journal } = fakeStore();
  journal.close();
  journal.add({ command: 'log', line: 'late' });
  await journal.commit([SUCCEED]);
  assert.deepEqual(commits.map(kinds), [['succeed']]);
});

test('a store that others hold for long is asked again; any other trouble is passed on', async () => {
  const errors = [new StoreError('held', { details: { reason: 'busy' } }), new StoreError('gone')];
  const { commits, journal } = fakeStore(async () => {
    throw errors.shift();
  });
  await assert.rejects(journal.commit([SUCCEED]), /gone/);
  assert.equal(commits.length, 2);
});
