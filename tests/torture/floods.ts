/**
 * Tasks that say more than anybody can store, each ended in another way. However much is still to be told:
 *
 * 1. What is cancelled, timed out or shut down ends as that, and its work stops.
 * 2. What ends by itself keeps its newest lines and its last progress, and says how many events were left out.
 * 3. A quick task beside them is run.
 * 4. The worker stays small, a task's events stay bounded, and no process is left.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Verbs } from '#offstage/client/index.js';
import { only } from '#offstage/wire/only.js';
import { type Doc, membersOf, Scene } from '../cli/scene.js';
import { until } from '../waiting.js';

const TEXT = 'a line of about a hundred characters, said again and again by somebody who will not stop saying it';

/** Modules, by what they do without end. */
const MODULES: Record<string, string> = {
  prints: `const text = '${TEXT}\\n'.repeat(10000);
    while (!ctx.signal.aborted)
      if (!process.stdout.write(text)) await new Promise((resolve) => setImmediate(resolve));`,
  'tells-facts': `for (let n = 0; !ctx.signal.aborted; n++) {
      ctx.log('${TEXT}'); ctx.output({ n }); ctx.output('text'); ctx.progress(0.5, 'at ' + n);
      if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }`,
  'prints-no-line': `const text = 'x'.repeat(1_000_000);
    while (!ctx.signal.aborted) { process.stderr.write(text); await new Promise((resolve) => setImmediate(resolve)); }`,
  'prints-deaf': `for (;;) console.log('${TEXT}');`,
  'tells-deaf': `for (let n = 0; ; n++) { ctx.log('${TEXT}'); ctx.progress(0.5, 'at ' + n); }`,
};

/** Commands, which are told to end by SIGTERM. */
const COMMANDS: Record<string, string> = {
  'program-prints': `cat > /dev/null; exec yes '${TEXT}' >&2`,
  'program-no-line': "cat > /dev/null; exec tr '\\\\0' x < /dev/zero >&2",
  'program-progresses': "cat > /dev/null; echo begun >&2; exec yes '::progress 0.5 half'",
  'grandchild-prints': `cat > /dev/null; (trap '' TERM; exec yes '${TEXT}' >&2) & wait`,
};

/** Floods that heed their signal; the others are killed after the grace. */
export const HEEDING = ['prints', 'tells-facts', 'program-prints'] as const;
export const ALL = [...Object.keys(MODULES), ...Object.keys(COMMANDS)];

/** Lines of the flood that ends by itself, more than are kept. */
const LINES = 50_000;
const COUNTED = `for (let n = 0; n < ${LINES}; n++) {
    ctx.log('line ' + n); ctx.progress(n / ${LINES}, 'at ' + n);
    if (n % 5000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }`;

/** MiB that a worker may have at most, whatever its tasks say. */
const MOST_MEMORY = 450;

/** One round of each kind of flood: one cancelled, one timed out; at last all once more, when the worker is told to end. */
export async function floodRound(t: TestContext, kinds: readonly string[], timeout: number): Promise<void> {
  const scene = new Scene(t);
  addFloods(scene);
  const worker = await scene.worker('--concurrency', '4');
  const memory = (): number =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1]) >> 10;

  const verbs = await scene.project.verbs(t, 'none');
  await endsByItself(scene, verbs);
  for (const kind of kinds) {
    const [cancelled, timedOut] = [await submit(scene, kind), await submit(scene, kind, '--timeout', String(timeout))];
    await speaks(verbs, cancelled);
    const quick = await scene.cli('submit', '--recipe', 'echo', '--input', '{"value":1}', '--no-worker', '--wait');
    assert.equal(quick.status, 'completed', `beside ${kind}`);
    await scene.cli('cancel', cancelled);
    assert.equal((await stopped(scene, cancelled)).status, 'cancelled', kind);
    const failed = await stopped(scene, timedOut);
    assert.deepEqual([failed.status, failed.error?.code], ['failed', 'timeout'], kind);
    await bounded(verbs, cancelled, timedOut);
  }
  const lost = await Promise.all(kinds.slice(0, 3).map((kind) => submit(scene, kind)));
  for (const id of lost) await speaks(verbs, id);
  const most = memory();
  process.kill(worker.pid, 'SIGTERM');
  assert.equal((await worker.cli.ended).code, 143, worker.cli.stderr);
  for (const id of lost) {
    const doc = await scene.status(id);
    assert.deepEqual([doc.status, doc.error?.details?.reason], ['failed', 'shutdown']);
  }
  t.diagnostic(`${kinds.length} kinds of floods: the worker had ${most} MiB at most`);
  assert.ok(most < MOST_MEMORY, `the worker had ${most} MiB`);
  assert.deepEqual(
    membersOf(worker.pid).filter((pid) => pid !== worker.pid),
    [],
  );
}

function addFloods({ project }: Scene): void {
  const module = (body: string): string => `export default async (input, ctx) => { ${body} return 'the end'; };`;
  for (const [name, body] of Object.entries({ ...MODULES, counted: COUNTED })) project.addRecipe(name, module(body));
  for (const [name, script] of Object.entries(COMMANDS)) {
    project.addRecipe(name, '', `command: ${JSON.stringify(['sh', '-c', script.replaceAll('\\\\', '\\')])}\n`);
  }
}

const submit = (scene: Scene, recipe: string, ...flags: string[]): Promise<string> =>
  scene.submit(recipe, '--no-worker', ...flags);

/** Its newest lines are there without a gap, and all others are counted. */
async function endsByItself(scene: Scene, verbs: Verbs): Promise<void> {
  const id = await submit(scene, 'counted');
  const doc = await stopped(scene, id);
  assert.deepEqual([doc.status, doc.progress_message], ['completed', `at ${LINES - 1}`]);
  const { events, tasks } = await verbs.events([id]);
  const { first_seq } = only(tasks);
  const lines = events.flatMap(({ kind, data }) => (kind === 'log' ? [String((data as { line: string }).line)] : []));
  const counts = lines.flatMap((line) => Number(/^… (\d+) events .* left out$/.exec(line)?.[1] ?? 0));
  const kept = lines.filter((line) => line.startsWith('line ')).map((line) => Number(line.slice(5)));
  assert.equal(first_seq, 1, 'it was not the store that left them out');
  assert.equal(counts.reduce((sum, count) => sum + count, 0) + kept.length, LINES);
  assert.equal(kept.at(-1), LINES - 1);
  assert.ok(kept.every((n, index) => index === 0 || n > (kept[index - 1] as number)));
}

const speaks = (verbs: Verbs, id: string): Promise<unknown> =>
  within(60, `task ${id} says something`, async () => {
    const { events } = await verbs.events([id]);
    return events.some(({ kind }) => ['log', 'output', 'progress'].includes(kind));
  });

const stopped = (scene: Scene, id: string): Promise<Doc> =>
  within(60, `task ${id} has stopped`, async () => {
    const doc = await scene.status(id);
    return doc.completed_at !== null && doc.stopped_at !== null ? doc : undefined;
  });

async function bounded(verbs: Verbs, ...ids: string[]): Promise<void> {
  for (const id of ids) assert.ok((await verbs.events([id])).events.length <= 10_000);
}

/** Looks until there is an answer; after so many seconds it says what was waited for. */
const within = <T>(seconds: number, what: string, look: () => Promise<T | undefined | false>): Promise<T> =>
  until(look, { what, patience: seconds * 1000 }) as Promise<T>;
