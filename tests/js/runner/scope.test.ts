/** Whose async context code runs in: its submitter's, or none. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { BackgroundRunner, type TaskContext } from '#offstage';
import { until } from '../../waiting.js';

const request = new AsyncLocalStorage<string | undefined>();
after(() => request.disable());
const own = (): string => request.getStore() ?? 'none';

test('1,000 interleaved submits: tasks, retries, callbacks and children stay with their request', async () => {
  await using runner = new BackgroundRunner({ maxConcurrentTasks: 7, maxRetained: 2000 });
  const heard: string[] = [];
  const hear = (what: string, name: string): void =>
    void heard.push(`${what} ${name === own() ? 'own' : `${name} in ${own()}`}`);
  const work = async (ctx: TaskContext): Promise<string> => {
    hear('start', ctx.name);
    ctx.signal.addEventListener('abort', () => hear('abort', ctx.name));
    await turn();
    ctx.progress(0.5);
    hear('awaited', ctx.name);
    if (ctx.attempt === 1) throw new Error('once more');
    return ctx.submit(async () => own(), { name: ctx.name }).wait();
  };
  runner.on('retry_scheduled', ({ taskId }) => hear('listener', runner.get(taskId)?.name ?? ''));
  const tasks = Array.from({ length: 1000 }, (_, index) => {
    const name = index % 5 === 0 ? 'none' : `r${index}`;
    const submit = () =>
      runner.submit(work, {
        name,
        retries: 1,
        backoff: { initial: 0 },
        onComplete: () => hear('complete', name),
        onProgress: () => hear('progress', name),
      });
    return { name, task: name === 'none' ? submit() : request.run(name, submit) };
  });
  const results = await Promise.all(tasks.map(({ task }) => task.wait()));
  assert.deepEqual(
    results,
    tasks.map(({ name }) => name),
  );
  assert.deepEqual(
    heard.filter((line) => !line.endsWith(' own')),
    [],
  );
  for (const [what, times] of [
    ['start', 2000],
    ['progress', 2000],
    ['complete', 1000],
    ['listener', 1000],
  ] as const) {
    assert.equal(heard.filter((line) => line.startsWith(what)).length, times, what);
  }
});

test('who cancels, answers or comes first does not lend its context', async () => {
  await using runner = new BackgroundRunner({ maxConcurrentTasks: 1 });
  const seen: string[] = [];
  const stopped = runner.submit(
    (ctx) =>
      new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(seen.push(`abort ${own()}`)))),
    { onComplete: () => seen.push(`complete ${own()}`) },
  );
  const asking = request.run('asks', () =>
    runner.submit(async (ctx) => {
      await ctx.requestInput({ key: 'k', message: 'm' });
      return own();
    }),
  );
  await until(async () => (await stopped.status()) === 'running');
  await request.run('canceller', () => stopped.cancel());
  await until(async () => (await asking.status()) === 'input_required');
  await request.run('answers', () => asking.respond('k', { action: 'accept' }));
  assert.equal(await asking.wait(), 'asks');
  assert.deepEqual(seen, ['abort none', 'complete none']);
});

test('what one task sets is seen by no other, in whatever way it runs', async () => {
  await using runner = new BackgroundRunner({ maxConcurrentTasks: 3 });
  const sets = (): void => request.enterWith('mine');
  const look = { name: 'looks' };
  const generator = async function* () {
    yield own();
  };
  const tasks = [
    runner.submit(sets),
    runner.submit(own, look),
    runner.submit(sets, { args: [] }),
    runner.submit(generator),
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested
    runner.submit(() => ({ then: (resolve: (value: string) => void) => resolve(own()) })),
    request.run('a', () => runner.submit(generator)),
  ];
  const results = await Promise.all(tasks.map((task) => task.wait() as Promise<unknown>));
  assert.deepEqual(results, [undefined, 'none', undefined, ['none'], 'none', ['a']]);
});

test('context: false leaves it to chance, and everything else as it is', async () => {
  await using runner = new BackgroundRunner({ context: false });
  assert.equal(await request.run('a', () => runner.submit(async () => 1)).wait(), 1);
  assert.throws(() => new BackgroundRunner({ context: 1 as never }), /context: got 1, expected true or false/);
});
