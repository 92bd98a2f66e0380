import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '#offstage/errors/index.js';
import type { Change, Changed, Store } from '#offstage/store/types.js';
import { systemClock } from '#offstage/worker/clock.js';
import { commandsOf } from '#offstage/worker/facts.js';
import { Journal } from '#offstage/worker/journal.js';
import { MaskedFacts } from '#offstage/worker/mask/facts.js';
import type { Fact } from '#offstage/worker/protocol.js';
import { maskOf } from './mask/helpers.js';
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
  const mask = () => maskOf('the-secret');
  const masked = new MaskedFacts(mask);
  const journal = new Journal({
    port: { store, clock, attempt },
    commandsOf: (facts, isLast) => commandsOf(facts, isLast, masked, mask),
    onTrouble: (error) => assert.fail(String(error)),
  });
  return { commits, journal };
}

const changed = { id: 'task_1', changed: true, status: 'completed', record: '', events: [] } as Changed;
const log = (...lines: string[]): Fact => ({ kind: 'log', lines });
const progress = (fraction: number): Fact => ({ kind: 'progress', fraction, message: null });
const kinds = (commit: Change[] | undefined): string[] => (commit ?? []).map(({ command }) => command.command);

test('facts are committed at most ten times a second, and the last progress is one of them', async () => {
  const clock = new VirtualClock();
  const { commits, journal } = fakeStore(undefined, { clock });
  for (let now = 0; now < 1000; now++) {
    clock.advance(1);
    journal.add(progress(now / 1000));
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
  journal.add(log('kept'));
  await assert.rejects(journal.commitAlone({ command: 'ask', key: 'k', message: '?' }), /refused/);
  assert.deepEqual(commits.map(kinds), [['log'], ['ask']]);
});

test('the terminal command takes what was gathered along, in order and in one commit', async () => {
  const { commits, journal } = fakeStore();
  journal.add(progress(0.1));
  journal.add(log('a'));
  journal.add(progress(0.2));
  journal.add({ kind: 'output', chunk: '{"x":1}' });
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
  journal.add(log('first'));
  const first = journal.commit([]);
  journal.add(log('second'));
  const second = journal.commit([SUCCEED]);
  await new Promise(setImmediate);
  assert.deepEqual(commits.map(kinds), [['log']]);
  open();
  await Promise.all([first, second]);
  assert.deepEqual(commits.map(kinds), [['log'], ['log', 'succeed']]);
});

/** A store that answers only when it is told to: `answer` lets the oldest commit through. */
function slowStore(clock: VirtualClock) {
  const waiting: (() => void)[] = [];
  const { commits, journal } = fakeStore(
    (changes) => new Promise((resolve) => waiting.push(() => resolve(changes.map(() => changed)))),
    { clock },
  );
  const answer = async (): Promise<void> => {
    waiting.shift()?.();
    await new Promise(setImmediate);
  };
  return { commits, journal, answer };
}

test('one commit of facts is in flight, a small one; the end takes the rest along and waits for nothing else', async () => {
  const clock = new VirtualClock();
  const { commits, journal, answer } = slowStore(clock);
  let lines = 0;
  for (let ms = 0; ms < 1000; ms++) {
    for (let n = 0; n < 20; n++) journal.add(log(`line ${lines++}`));
    clock.advance(1);
    await new Promise(setImmediate);
  }
  assert.equal(commits.length, 1, 'its answer has not come');
  journal.add(progress(0.5));
  await answer();
  clock.advance(1000);
  await new Promise(setImmediate);
  assert.equal(commits.length, 2);
  assert.ok((commits[1]?.length ?? 0) <= 252, `${commits[1]?.length} changes`);
  assert.ok(kinds(commits[1]).includes('progress'), 'the last progress goes with the next commit');
  const end = journal.commit([SUCCEED]);
  await answer();
  await answer();
  assert.equal(await end, changed);
  assert.equal(commits.length, 3);
  const told = (commits[2] ?? []).map(({ command }) => (command.command === 'log' ? command.line : command.command));
  assert.deepEqual(told.slice(-2), [`line ${lines - 1}`, 'succeed']);
  assert.ok(told.length <= 9_000);
});

test('a flood is bounded, says how much it lost, and what is stored of it goes on at ten commits a second', async () => {
  const clock = new VirtualClock();
  const { commits, journal } = fakeStore(undefined, { clock });
  journal.add(progress(0.5));
  const lines = Array.from({ length: 50_000 }, (_, n) => `line ${n}`);
  for (let n = 0; n < lines.length; n += 1000) journal.add(log(...lines.slice(n, n + 1000)));
  for (let ms = 0; ms < 1000; ms += 10) {
    clock.advance(ms === 0 ? 0 : 10);
    await new Promise(setImmediate);
  }
  assert.equal(commits.length, 10);
  assert.ok(commits.every(({ length }) => length <= 252));
  assert.ok(kinds(commits[0]).includes('progress'));
  await journal.commit([SUCCEED]);
  const stored = commits.flat().flatMap(({ command }) => (command.command === 'log' ? [String(command.line)] : []));
  const [count, ...kept] = stored;
  assert.equal(count, '… 41000 events came faster than they could be stored and were left out');
  assert.deepEqual(kept, lines.slice(41_000));
});

test('what is stored is masked, joined texts as a whole, and cut after that', async () => {
  const { commits, journal } = fakeStore();
  journal.add(log('x the-secret y', `${'the-secret '.repeat(10_000)}`));
  journal.add({ kind: 'output', chunk: '["the-sec"]' });
  journal.add({ kind: 'output', chunk: '"the-sec"' });
  journal.add({ kind: 'output', chunk: '"ret"' });
  journal.add({ kind: 'progress', fraction: 1, message: 'the-secret' });
  await journal.commit([]);
  const told = (commits[0] ?? []).map(({ command }) => command as Record<string, unknown>);
  assert.equal(told[0]?.line, 'x *** y');
  assert.match(String(told[1]?.line), /^(\*\*\* )+$/);
  assert.deepEqual([told[2]?.chunk, told[3]?.chunk, told[4]?.message], [['the-sec'], '***', '***']);
});

test('where a commit takes long its attempt leaves the store alone for longer, for a second at most', async () => {
  for (const [took, rests] of [
    [20, 80],
    [100, 400],
    [5000, 1000],
  ] as const) {
    const clock = new VirtualClock();
    const { commits, journal, answer } = slowStore(clock);
    journal.add(log('a'));
    clock.advance(0);
    await new Promise(setImmediate);
    journal.add(log('b'));
    clock.advance(took);
    await answer();
    const wait = Math.max(rests, 100 - took);
    clock.advance(wait - 1);
    assert.equal(commits.length, 1);
    clock.advance(1);
    await new Promise(setImmediate);
    assert.equal(commits.length, 2, `${took} ms`);
  }
});

test('an attempt that was told to end takes only the newest along, and a count of the others', async () => {
  const { commits, journal } = fakeStore();
  for (let n = 0; n < 5000; n++) journal.add(log(`line ${n}`));
  journal.add(progress(0.7));
  journal.hurry();
  await journal.commit([{ command: 'fail', error: { code: 'timeout', name: 'E', message: 'm', retryable: true } }]);
  const told = (commits[0] ?? []).map(({ command }) => (command.command === 'log' ? command.line : command.command));
  assert.equal(told[0], '… 4750 events came faster than they could be stored and were left out');
  assert.deepEqual(told.slice(1, 3), ['line 4750', 'line 4751']);
  assert.deepEqual(told.slice(-3), ['line 4999', 'progress', 'fail']);
});

test('what an execution told that holds its task no more is let go of', async () => {
  const clock = new VirtualClock();
  const { commits, journal } = fakeStore(undefined, { clock });
  journal.add(log('a'));
  journal.discard();
  journal.add(log('b'));
  clock.advance(1000);
  await journal.commit([{ command: 'stopped' }]);
  assert.deepEqual(commits.map(kinds), [['stopped']]);
});

test('after the close nothing is gathered', async () => {
  const { commits, journal } = fakeStore();
  journal.close();
  journal.add(log('late'));
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

test('a value is hidden in the names of tools, in their steps and in warnings', async () => {
  const { commits, journal } = fakeStore();
  journal.add({ kind: 'tool', tool: { step: '1.the-secret', call: '1.1', name: 'the-secret', ok: false, ms: 2 } });
  journal.add({ kind: 'warning', warning: { reason: 'length', message: 'Bearer the-secret' } });
  await journal.commit([SUCCEED]);
  const [used, warned] = commits.flat().map(({ command }) => command);
  assert.doesNotMatch(JSON.stringify([used, warned]), /the-secret/);
  assert.ok(used?.command === 'tool' && warned?.command === 'warning');
  assert.deepEqual([used.call, used.ok, warned.message], ['1.1', false, 'Bearer ***']);
});
