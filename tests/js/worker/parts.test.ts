/** What an attempt of code is made of: nothing that its code does not use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryObjects } from 'node:v8';
import type { RecipeContext } from '#offstage/ports/recipe.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { Asked } from '#offstage/wire/asked.js';
import { Asking } from '#offstage/worker/asking.js';
import { Calls } from '#offstage/worker/calls.js';
import { Countdown } from '#offstage/worker/countdown.js';
import { Gathered } from '#offstage/worker/gathered.js';
import { Calls as InnerCalls } from '#offstage/worker/inside/calls.js';
import { Questions } from '#offstage/worker/inside/questions.js';
import { Steps } from '#offstage/worker/inside/steps.js';
import { Telling } from '#offstage/worker/inside/telling.js';
import { Journal } from '#offstage/worker/journal.js';
import { Lending } from '#offstage/worker/lending.js';
import { Secrets } from '#offstage/worker/secrets.js';
import { deferred } from './deferred.js';
import { Fixture } from './fixture.js';
import { VirtualClock } from './virtual.js';

const PARTS = {
  Asked,
  Asking,
  Calls,
  Countdown,
  Gathered,
  InnerCalls,
  Journal,
  Lending,
  Questions,
  Secrets,
  Steps,
  Telling,
  AbortController,
};

/** Which of them there are by now in this process, and how many. */
function counted(): Record<string, number> {
  const counts = Object.entries(PARTS).map(([name, of]) => [name, queryObjects(of, { format: 'count' })]);
  return Object.fromEntries(counts);
}

/** What there is more of than there was. */
function more(before: Record<string, number>): Record<string, number> {
  const now = Object.entries(counted()).map(([name, count]) => [name, count - (before[name] ?? 0)]);
  return Object.fromEntries(now.filter(([, count]) => count !== 0));
}

type Code = (ctx: RecipeContext) => unknown;

/** What an attempt has when its code has done that, and goes on. */
async function partsOf(fixture: Fixture, name: string, run: Code, spec: object = {}): Promise<Record<string, number>> {
  let found: Record<string, number> | undefined;
  let before: Record<string, number> = {};
  const recipe = defineRecipe({
    name,
    run: async (_: unknown, ctx) => {
      await run(ctx);
      found = more(before);
    },
  });
  const worker = await fixture.work({ recipes: [recipe], folders: false });
  before = counted();
  await fixture.until(await fixture.insert({ name, recipe: name, version: '1', ...spec }, { code: name }));
  worker.stop.abort();
  await worker.ended;
  return found ?? assert.fail('the code has run');
}

test('an attempt of code that only returns is made of none of its parts, and each is made by its first use', async (t) => {
  const fixture = await Fixture.make(t);
  const telling = { Asked: 1, Gathered: 1, InnerCalls: 1, Telling: 1 };
  assert.deepEqual(await partsOf(fixture, 'nothing', () => {}), {});
  assert.deepEqual(await partsOf(fixture, 'signal', ({ signal }) => signal.throwIfAborted()), { AbortController: 1 });
  const told = { ...telling, Gathered: 2, Journal: 1 };
  assert.deepEqual(await partsOf(fixture, 'log', (ctx) => ctx.log('a line')), told);
  const called = { ...told, AbortController: 1, Calls: 1, Lending: 1, Secrets: 1 };
  assert.deepEqual(await partsOf(fixture, 'step', (ctx) => ctx.step('s', () => 1)), { ...called, Steps: 1 });
  const limited = await partsOf(fixture, 'limited', () => {}, { timeout_ms: 60_000 });
  assert.deepEqual(limited, { Countdown: 1 });
});

/** Tells of the timers that it is asked for, and that are left. */
class CountingClock extends VirtualClock {
  readonly spans: number[] = [];
  readonly left = new Set<number>();

  override after(ms: number, callback: () => void): () => void {
    const number = this.spans.push(ms);
    if (ms === MINUTE) this.left.add(number);
    const cancel = super.after(ms, callback);
    return () => {
      this.left.delete(number);
      cancel();
    };
  }
}

test('attempts that are at work at once share the timer of their timeouts, and leave none', async (t) => {
  const fixture = await Fixture.make(t);
  const clock = new CountingClock(Date.now());
  const all = deferred<void>('all of them to be at work');
  let begun = 0;
  const run = async (): Promise<void> => {
    begun += 1;
    if (begun === COUNT) all.resolve();
    await all.promise;
  };
  const recipe = defineRecipe({ name: 'many', run });
  await fixture.work({ recipes: [recipe], folders: false, concurrency: COUNT, clock });
  const spec = { name: 'many', recipe: 'many', version: '1', timeout_ms: MINUTE };
  const ids = await Promise.all(Array.from({ length: COUNT }, () => fixture.insert(spec, { code: 'many' })));
  for (const id of ids) await fixture.until(id);
  assert.equal(clock.spans.filter((ms) => ms === MINUTE).length, 1);
  assert.equal(clock.left.size, 0);
});

/** Attempts that are at work at once. */
const COUNT = 8;
const MINUTE = 60_000;
