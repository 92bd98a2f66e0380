/** The text of a long answer, from a model's deltas to the events of its task. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputFlow } from '#offstage/program/agents/output-flow.js';
import { Gathered } from '#offstage/worker/gathered.js';

/** What a task may have of events, and what a worker commits at a time. */
const MOST_EVENTS = 10_000;
const PORTION = { events: 250, size: 128 * 1024 };

/** Passes deltas on every so many milliseconds, and commits ten times a second; answers with the events' texts. */
function eventsOf(t: import('node:test').TestContext, deltas: readonly string[], every: number): string[] {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const gathered = new Gathered();
  const flow = new OutputFlow((text) => gathered.add({ kind: 'output', chunk: JSON.stringify(text) }));
  const events: string[] = [];
  const commit = () => {
    for (const fact of gathered.take(PORTION)) if (fact.kind === 'output') events.push(JSON.parse(fact.chunk));
  };
  for (const [index, delta] of deltas.entries()) {
    flow.add(delta);
    t.mock.timers.tick(every);
    if ((index * every) % 100 === 0) commit();
  }
  flow.end();
  while (!gathered.isEmpty) commit();
  t.mock.timers.reset();
  return events;
}

test('ten minutes of 200 deltas a second are fewer events than a task may have, and nothing is missing', (t) => {
  const deltas = Array.from({ length: 120_000 }, (_, n) => `${n} `);
  const events = eventsOf(t, deltas, 5);
  assert.ok(events.length < MOST_EVENTS, `${events.length} events`);
  assert.equal(events[0], '0 ', 'the first piece comes at once');
  assert.equal(events.join(''), deltas.join(''));
  t.diagnostic(`${events.length} events`);
});

test('what comes in large pieces is put out in pieces of 4 KiB, and what is held back at the end', (t) => {
  const events = eventsOf(t, ['a', 'b'.repeat(10_000), '', 'c'], 1);
  assert.equal(events.join(''), `a${'b'.repeat(10_000)}c`);
  assert.ok(events.every(({ length }) => length <= 4096));
});
