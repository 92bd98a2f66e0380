import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '#offstage/errors/index.js';
import type { Change, Changed, Store } from '#offstage/store/types.js';
import { systemClock } from '#offstage/worker/clock.js';
import { Journal } from '#offstage/worker/journal.js';
import { VirtualClock } from './virtual.js';

const ATTEMPT = { id: 'task_1', attempt: 1, epoch: 3 };
const SUCCEED = { command: 'succeed' } as const;

/** A store that remembers the commits and answers when it is told to. */
function fakeStore(
  answer: (changes: readonly Change[]) => Promise<unknown> = async (c) => c.map(() => changed),
  { clock = systemClock, attempt = ATTEMPT } = {},
) {
  const commits: Change[][] = [];
  const run = (_: string, { changes }: { changes: Change[] }): Promise<unknown> => {
    commits.push(changes);
    return answer(changes);
  };
  const store = { run } as unknown as Store;
  const journal = new Journal({ store, clock, attempt, onTrouble: (error) => assert.fail(String(error)) });
  return { commits, journal };
}

const changed = { id: 'task_1', changed: true, status: 'completed', record: '', events: [] } as Changed;
const kinds = (commit: Change[] | undefined): string[] => (commit ?? []).map(({ command }) => command.command);

test('facts are committed at most ten times a second, and the last progress is one of them', async () => {
  const clock = new VirtualClock();
  const { commits, journal } = fakeStore(undefined, { clock });
  for (let now = 0; now < 1000; now++) {
    clock.advance(1);
    journal.add({ command: 'progress', fraction: now / 1000 });
    await new Promise(setImmediate);
  }
  await journal.commit([SUCCEED]);
  assert.ok(commits.length >= 9 && commits.length <= 12, `${commits.length} commits`);
  assert.ok(commits.slice(0, -1).every((commit) => commit.length === 1));
  const execution = { attempt: 1, epoch: 3 };
  assert.deepEqual(
    commits.at(-1)?.map(({ command }) => command),
    [
      { command: 'progress', fraction: 0.999, ...execution },
      { command: 'succeed', ...execution },
    ],
  );
});

test('a command names the execution as it is when it is sent, not when it was given', async () => {
  const attempt = { ...ATTEMPT };
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { commits, journal } = fakeStore(
    async (changes) => {
      await gate;
      return changes.map(() => changed);
    },
    { attempt },
  );
  const first = journal.commit([{ command: 'log', line: 'a' }]);
  const second = journal.commit([SUCCEED]);
  await new Promise(setImmediate);
  attempt.epoch = 4;
  open();
  await Promise.all([first, second]);
  assert.deepEqual(
    commits.map(([change]) => change?.command),
    [
      { command: 'log', line: 'a', attempt: 1, epoch: 3 },
      { command: 'succeed', attempt: 1, epoch: 4 },
    ],
  );
});

test('a command that is refused does not cost what was gathered before it', async () => {
  const { commits, journal } = fakeStore(async (changes) => {
    if (changes.some(({ command }) => command.command === 'ask')) throw new Error('refused');
    return changes.map(() => changed);
  });
  journal.add({ command: 'log', line: 'kept' });
  await assert.rejects(journal.commitAlone({ command: 'ask', key: 'k', message: '?' }), /refused/);
  assert.deepEqual(commits.map(kinds), [['log'], ['ask']]);
});

test('the terminal command takes what was gathered along, in order and in one commit', async () => {
  const { commits, journal } = fakeStore();
  journal.add({ command: 'progress', fraction: 0.1 });
  journal.add({ command: 'log', line: 'a' });
  journal.add({ command: 'progress', fraction: 0.2 });
  journal.add({ command: 'output', chunk: { x: 1 } });
  assert.equal(await journal.commit([SUCCEED], { payloads: { result: '1' } }), changed);
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
  await new Promise(setImmediate);
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
  const clock = new VirtualClock();
  const { commits, journal } = fakeStore(
    async () => {
      throw errors.shift();
    },
    { clock },
  );
  const commit = assert.rejects(journal.commit([SUCCEED]), /gone/);
  await new Promise(setImmediate);
  assert.equal(commits.length, 1);
  clock.advance(500);
  await commit;
  assert.equal(commits.length, 2);
});
