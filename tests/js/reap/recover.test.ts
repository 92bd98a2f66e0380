/** What is held still while it is decided what becomes of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { startTime } from '#offstage/platform/process.js';
import { recover } from '#offstage/reap/index.js';
import type { Store } from '#offstage/store/index.js';
import { heard, until } from '../../waiting.js';
import { idleProcess } from '../store/helpers.js';

const LINUX = { skip: process.platform === 'linux' ? false : 'only Linux shows the state of a process in a file' };
const RECOVER = import.meta.resolve('#offstage/reap/index.js');

/** `T` of one that stands still. */
const stateOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .slice(0, 1);

async function group(t: TestContext) {
  const { pid } = await idleProcess(t);
  return { pgid: pid, start_time: startTime(pid) as string };
}

const found = (groups: object[]) => [
  { id: 't', status: 'running', epoch: 1, dead: null, living: { worker: 'w', groups } },
];

test('what was held still goes on when whoever decides dies before he has', LINUX, async (t) => {
  const groups = [await group(t), await group(t)];
  const pids = groups.map(({ pgid }) => pgid);
  const code = `import { recover } from ${JSON.stringify(RECOVER)};
    const run = async (op) => {
      if (op === 'recoverable') return ${JSON.stringify(found(groups))};
      console.log('held');
      await new Promise(() => setInterval(() => {}, 1000));
    };
    await recover({ run }, { ids: ['t'], force: true, retry: false, dryRun: false });`;
  const decider = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => decider.kill('SIGKILL'));
  await heard(decider.stdout, 'data');
  assert.deepEqual(pids.map(stateOf), ['T', 'T']);
  decider.kill('SIGKILL');
  await until(() => pids.every((pid) => stateOf(pid) !== 'T'), { what: 'both groups to go on' });
});

test('what was not taken goes on, what was taken is killed', LINUX, async (t) => {
  const kept = await group(t);
  const store = (answer: object[]): Pick<Store, 'run'> => ({
    run: (async (op: string) => (op === 'recoverable' ? found([kept]) : answer)) as Store['run'],
  });
  const asked = { ids: ['t'], force: true, retry: false, dryRun: false };
  await recover(store([{ id: 't', result: 'skipped_state_changed', status: 'running' }]), asked);
  assert.notEqual(stateOf(kept.pgid), 'T');
  const failing: Pick<Store, 'run'> = {
    run: (async (op: string) => {
      if (op === 'recoverable') return found([kept]);
      assert.equal(stateOf(kept.pgid), 'T');
      throw new Error('the store is gone');
    }) as Store['run'],
  };
  await assert.rejects(recover(failing, asked), /the store is gone/);
  assert.notEqual(stateOf(kept.pgid), 'T');
  await recover(store([{ id: 't', result: 'applied', status: 'failed' }]), asked);
  await until(() => startTime(kept.pgid) === undefined, { what: 'the end of what was taken' });
});
