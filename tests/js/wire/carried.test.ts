import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Carried, checkedCarried } from '#offstage/wire/carried.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('what telemetry, deliveries and schedules need is kept; who has none pays for none', () => {
  const given = {
    trace: { traceparent, tracestate: 'vendor=1' },
    deliver: ['ops', 'slack:C1'],
    schedule_id: 'sched_1',
  };
  assert.deepEqual(checkedCarried({ ...given, scheduled_for: 5.4 }), { ...given, scheduled_for: 5 });
  assert.equal(checkedCarried({}), undefined);
  assert.equal(checkedCarried({ deliver: [], trace: undefined, schedule_id: undefined }), undefined);
});

test('a malformed trace is dropped and refuses nothing', () => {
  const bad: unknown[] = [
    '',
    '00',
    traceparent.slice(0, -3),
    `${traceparent}-02`,
    traceparent.toUpperCase(),
    `ff${traceparent.slice(2)}`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    traceparent.replace('4b', 'éé'),
    `${traceparent}\n`,
    7,
    null,
  ];
  for (const text of bad)
    assert.equal(checkedCarried({ trace: { traceparent: text as string } }), undefined, `${text}`);
  for (const tracestate of ['', 'a=\u0007', 'x'.repeat(513), 'é', 5 as unknown as string]) {
    assert.deepEqual(checkedCarried({ trace: { traceparent, tracestate } }), { trace: { traceparent } });
  }
  const long = { traceparent, tracestate: 'x'.repeat(512) };
  assert.deepEqual(checkedCarried({ trace: long }), { trace: long });
});

test('more than twenty addresses, what is none, and moments before 1970 are refused by name', () => {
  const addresses = (count: number) => ({ deliver: Array<string>(count).fill('x'.repeat(200)) });
  assert.deepEqual(checkedCarried(addresses(20)), addresses(20));
  assert.deepEqual(checkedCarried({ scheduled_for: 8.64e15 }), { scheduled_for: 8.64e15 });
  const bad: [object, RegExp][] = [
    [addresses(21), /^deliver: got "21 addresses", expected a list of 20 addresses at most$/],
    [{ deliver: 'ops' }, /^deliver: got "ops", expected a list/],
    [{ deliver: [''] }, /^deliver: got "", expected a text of 1 to 200 characters$/],
    [{ deliver: ['x'.repeat(201)] }, /^deliver: /],
    [{ schedule_id: '' }, /^schedule_id: /],
    [{ scheduled_for: -1 }, /^scheduled_for: got -1, expected milliseconds since 1970$/],
    [{ scheduled_for: Number.NaN }, /^scheduled_for: /],
    [{ scheduled_for: 8.64e15 + 1 }, /^scheduled_for: /],
    [{ schedule: 'x' }, /^unknown option 'schedule'; did you mean 'schedule_id'/],
  ];
  for (const [given, message] of bad) {
    assert.throws(() => checkedCarried(given as Carried), { code: 'invalid_argument', message });
  }
});
