import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { logged } from '#offstage/client/staff/structured-log.js';
import { saidSince } from '#offstage/client/staff/worker-log.js';
import type { AttemptFacts, Hooks } from '#offstage/ports/hooks.js';
import type { WorkerEvent } from '#offstage/worker/index.js';

function log(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'worker.log');
  writeFileSync(file, text);
  return file;
}

const FACTS: AttemptFacts = {
  taskId: `task_${'9'.repeat(32)}`,
  name: 'x',
  recipeName: 'worker_2: of two words',
  sessionId: null,
  parentId: null,
  attempt: 1,
  maxAttempts: 1,
  priority: 0,
  createdAt: new Date(0),
  queueMs: 0,
  workerId: 'worker_1',
};

const line = (event: object): string => `${JSON.stringify(event)}\n`;
const OLD = `Error: of an earlier one\n${line({ event: 'trouble', worker_id: 'w1', text: 'earlier' })}`;

test('a worker that did not get far is known by what it printed, without the frames of Node', (t) => {
  const printed =
    "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module './x'\n    at f (x:1:1)\n\nNode.js v20\n";
  const file = log(t, `${OLD}${printed}`);
  assert.deepEqual(saidSince(file, OLD.length, 'w1'), { ready: false, said: "Error: Cannot find module './x'" });
});

test('of one that got further the last trouble is told, and no other worker is taken for it', (t) => {
  const lines = [
    line({ event: 'ready', worker_id: 'w1' }),
    line({ event: 'trouble', worker_id: 'w2', text: 'of another one' }),
    line({ event: 'trouble', worker_id: 'w1', text: 'first' }),
    line({ event: 'trouble', worker_id: 'w1', text: 'last' }),
  ];
  const file = log(t, lines.join(''));
  assert.deepEqual(saidSince(file, 0, 'w1'), { ready: true, said: 'last' });
  assert.deepEqual(saidSince(file, 0, 'w3'), { ready: false, said: '' });
});

test('lines as OFFSTAGE_LOG has them say the same, as JSON and as text', (t) => {
  const json = [
    line({ event: 'worker_ready', worker_id: 'worker_1', msg: 'the worker is ready' }),
    line({ event: 'trouble', worker_id: 'worker_2', msg: 'of another one' }),
    line({ event: 'trouble', worker_id: 'worker_1', msg: 'no luck' }),
  ];
  const told = (what: string): string => `2026-11-28T10:00:00.000Z ${what}\n`;
  const text = [
    told('info worker_ready worker_1: the worker is ready'),
    told('info attempt_started worker_2 task_9 report attempt 1: the attempt begins'),
    told('warn trouble worker_2: of another one'),
    told('warn trouble worker_1: no luck: none'),
  ];
  assert.deepEqual(saidSince(log(t, json.join('')), 0, 'worker_1'), { ready: true, said: 'no luck' });
  assert.deepEqual(saidSince(log(t, text.join('')), 0, 'worker_1'), { ready: true, said: 'no luck: none' });
  assert.deepEqual(saidSince(log(t, text[1] ?? ''), 0, 'worker_1'), { ready: false, said: '' });
});

test('of a long log its end tells that the worker got to work, and a line that is cut is nobody’s', (t) => {
  const work = ['started', 'finished'].map((event) => line({ event, worker_id: 'w1', task_id: 't'.repeat(1_000) }));
  const some = `${line({ event: 'ready', worker_id: 'w1' })}${work.join('').repeat(100)}`;
  assert.deepEqual(saidSince(log(t, some), 0, 'w1'), { ready: true, said: '' });
  const ended = line({ event: 'stopped', worker_id: 'w1' });
  const other = line({ event: 'finished', worker_id: 'w2', task_id: 't'.repeat(100_000) });
  assert.deepEqual(saidSince(log(t, `${other}${ended}`), 0, 'w1'), { ready: true, said: '' });
  assert.deepEqual(saidSince(log(t, other), 0, 'w1'), { ready: false, said: '' });
});

test('nor does it in a form of OFFSTAGE_LOG, where its attempts are all that is looked at', async (t) => {
  for (const OFFSTAGE_LOG of ['json', 'text']) {
    const lines: string[] = [];
    const { onEvent, hooks } = logged(
      { OFFSTAGE_LOG },
      { id: 'worker_1', onEvent: (_: WorkerEvent) => {}, hooks: [] as Hooks[] },
      (text) => lines.push(text),
    );
    onEvent({ event: 'ready', at: '', worker_id: 'worker_1', pid: 1 });
    const first = lines.length;
    for (let attempt = 0; attempt < 400; attempt += 1)
      await hooks[0]?.around?.(FACTS, async () => ({ kind: 'succeeded' }));
    const [ready, attempts] = [lines.slice(0, first).join(''), lines.slice(first).join('')];
    assert.ok(attempts.length > 64 * 1024, `${attempts.length}`);
    const file = log(t, `${ready}${attempts}`);
    assert.deepEqual(saidSince(file, 0, 'worker_1'), { ready: true, said: '' }, OFFSTAGE_LOG);
    assert.deepEqual(saidSince(file, 0, 'worker_2'), { ready: false, said: '' }, OFFSTAGE_LOG);
  }
});

test('a log that was moved aside, is longer than is read, or is not there is no trouble', (t) => {
  const file = log(t, 'Error: short\n');
  assert.equal(saidSince(file, 10_000, 'w').said, 'Error: short');
  const long = log(t, `${'x'.repeat(200_000)}\nError: end\n`);
  assert.match(saidSince(long, 0, 'w').said, /Error: end$/);
  assert.deepEqual(saidSince(`${file}.none`, 0, 'w'), { ready: false, said: '' });
  assert.deepEqual(saidSince(undefined, 0, 'w'), { ready: false, said: '' });
});
