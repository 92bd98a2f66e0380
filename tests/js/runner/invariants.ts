/** What holds of a runner whatever happens to it. */
import assert from 'node:assert/strict';
import type { BackgroundRunner, RunnerTaskHandle, TaskEvent } from '#offstage/index.js';
import { type Outcome, outcome, TERMINAL } from './helpers.ts';
import type { VirtualClock } from './virtual.ts';

/** Runs something and answers with the rejections that nobody handled meanwhile. */
export async function unhandledDuring(work: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const see = (error: unknown): void => void seen.push(error);
  process.on('unhandledRejection', see);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', see);
  }
  return seen;
}

/** Checks the events of all tasks: one terminal event at most, seq without gaps, nothing but facts after the end. */
export function checkEvents(events: readonly TaskEvent[]): void {
  const byTask = new Map<string, TaskEvent[]>();
  for (const event of events) byTask.set(event.taskId, [...(byTask.get(event.taskId) ?? []), event]);
  for (const [id, all] of byTask) {
    const text = `${id}: ${all.map(({ seq, kind }) => `${seq} ${kind}`).join(', ')}`;
    assert.deepEqual(
      all.map(({ seq }) => seq),
      all.map((_, at) => at + 1),
      text,
    );
    const end = all.findIndex(({ kind }) => TERMINAL.includes(kind));
    if (end < 0) continue;
    const after = all.slice(end + 1).map(({ kind }) => kind);
    assert.ok(
      after.every((kind) => ['stopped', 'abandoned', 'late_result'].includes(kind)),
      text,
    );
    assert.ok(after.filter((kind) => kind === 'stopped' || kind === 'abandoned').length <= 1, text);
  }
}

/** Checks the sums of a runner against what its handles say. */
export async function checkSummary(
  runner: BackgroundRunner,
  handles: readonly RunnerTaskHandle<unknown>[],
): Promise<void> {
  const sums = runner.summary();
  const { total, pending, running, input_required, completed, failed, cancelled } = sums;
  assert.equal(total, pending + running + input_required + completed + failed + cancelled, JSON.stringify(sums));
  const counted: Record<string, number> = {};
  for (const handle of handles) {
    const status = await handle.status();
    counted[status] = (counted[status] ?? 0) + 1;
  }
  if (handles.length !== total) return;
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(sums).filter(([key, count]) => count > 0 && key !== 'total' && key !== 'abandoned'),
    ),
    counted,
  );
}

/** Ends the runner: its stop must resolve, every task must have ended, and everybody who waits must be told the same. */
export async function checkEnd(
  runner: BackgroundRunner,
  clock: VirtualClock,
  handles: readonly RunnerTaskHandle<unknown>[],
  waiting: readonly Promise<Outcome>[][],
): Promise<void> {
  let stopped = false;
  void runner.stop().then(() => (stopped = true));
  await clock.advance(100_000);
  assert.equal(stopped, true, 'stop resolves');
  const { pending, running, input_required } = runner.summary();
  assert.deepEqual([pending, running, input_required], [0, 0, 0]);
  for (const [at, handle] of handles.entries()) {
    const last = await outcome(handle.wait(0));
    assert.notEqual(last.code, 'wait_timeout');
    for (const promise of waiting[at] ?? []) {
      const got = await Promise.race([promise, Promise.resolve('pending')]);
      assert.deepEqual(got, last, 'everybody is told the same');
    }
    const status = await handle.status();
    const expected = last.code === 'cancelled' ? 'cancelled' : last.code === undefined ? 'completed' : 'failed';
    assert.equal(status, expected);
  }
}
