/** The moments of schedules, over the changes of clocks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bounds, courseOf, MOST_COUNTED } from '#offstage/schedule/course.js';
import { type CatchUp, dueOf, type Stand } from '#offstage/schedule/due.js';
import { planOf } from '#offstage/schedule/forms.js';
import { momentOf } from '#offstage/schedule/zone.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

const time = (text: string): number => Date.parse(text);

async function course(when: string, zone: string, from: string, more: Partial<Bounds> = {}) {
  const now = time(from);
  return courseOf(await planOf(when, { zone, now }), { zone, anchor: now, ...more });
}

/** The next ones, in UTC. */
async function nexts(when: string, zone: string, from: string, count: number): Promise<string[]> {
  const { next } = await course(when, zone, from);
  const found: string[] = [];
  for (let at = next(time(from)); at !== null && found.length < count; at = next(at)) {
    found.push(new Date(at).toISOString().slice(5, 16));
  }
  return found;
}

/** What comes around a change of the clocks. */
const CHANGES: [string, string, string, string, string[]][] = [
  [
    'Berlin leaves 02:30 out: 03:00',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T00:00Z',
    ['03-28T01:30', '03-29T01:00', '03-30T00:30'],
  ],
  [
    'Berlin has 02:30 twice: the first',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T01:00Z',
    ['10-25T00:30', '10-26T01:30'],
  ],
  [
    'every real half hour in Berlin: twice 02:00',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-10-24T23:45Z',
    ['10-25T00:00', '10-25T00:30', '10-25T01:00', '10-25T01:30', '10-25T02:00'],
  ],
  [
    'and none that is left out',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-03-29T00:15Z',
    ['03-29T00:30', '03-29T01:00', '03-29T01:30'],
  ],
  [
    'Lord Howe leaves half an hour out',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-03T00:00Z',
    ['10-03T15:30', '10-04T15:15'],
  ],
  [
    'Lord Howe has half an hour twice',
    '45 1 * * *',
    'Australia/Lord_Howe',
    '2026-04-03T20:00Z',
    ['04-04T14:45', '04-05T15:15'],
  ],
  [
    'Apia had no 30 December 2011',
    '0 12 * * *',
    'Pacific/Apia',
    '2011-12-28T00:00Z',
    ['12-28T22:00', '12-29T22:00', '12-30T22:00'],
  ],
  [
    'an interval knows no zone',
    '12h',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    ['03-29T00:00', '03-29T12:00', '03-30T00:00'],
  ],
];

for (const [what, when, zone, from, expected] of CHANGES) {
  test(what, async () => {
    assert.deepEqual(await nexts(when, zone, from, expected.length), expected);
  });
}

test('a wall time that is left out moves by as much, of two the first is meant', () => {
  const moments: [string, string, string][] = [
    ['2027-03-28T02:30Z', 'Europe/Berlin', '2027-03-28T01:30Z'],
    ['2027-10-31T02:30Z', 'Europe/Berlin', '2027-10-31T00:30Z'],
    ['2026-10-04T02:15Z', 'Australia/Lord_Howe', '2026-10-03T15:45Z'],
    ['2026-04-05T01:45Z', 'Australia/Lord_Howe', '2026-04-04T14:45Z'],
    ['2011-12-30T10:00Z', 'Pacific/Apia', '2011-12-30T20:00Z'], // 31 December, 10:00
    ['2011-12-31T00:30Z', 'Pacific/Apia', '2011-12-30T10:30Z'],
    ['2026-06-01T00:00Z', 'UTC', '2026-06-01T00:00Z'],
  ];
  for (const [wall, zone, expected] of moments) {
    assert.equal(new Date(momentOf(time(wall), zone)).toISOString(), new Date(time(expected)).toISOString(), wall);
  }
});

test('day of month or day of week: either will do', async () => {
  assert.deepEqual(await nexts('0 0 13 * 5', 'UTC', '2026-01-02T12:00Z', 3), [
    '01-09T00:00',
    '01-13T00:00',
    '01-16T00:00',
  ]);
});

test('an interval keeps its phase from its beginning on, or from where it starts', async () => {
  const from = '2026-01-01T00:00:10Z';
  const plain = await course('1m', 'UTC', from);
  assert.deepEqual(
    [plain.next(time(from)), plain.next(time('2026-03-01T10:00:10Z'))],
    [time('2026-01-01T00:01:10Z'), time('2026-03-01T10:01:10Z')],
  );
  const later = await course('1m', 'UTC', from, {
    starts: time('2026-01-02T00:00Z'),
    ends: time('2026-01-02T00:02:00Z'),
  });
  assert.equal(later.next(time(from)), time('2026-01-02T00:00Z'));
  assert.equal(later.next(time('2026-01-02T00:02:00Z')), null);
  assert.equal(later.count(0, time('2027-01-01T00:00Z')), 3);
});

test('the newest ones are found without a walk, the moment itself is one of them', async () => {
  for (const when of ['1m', '* * * * *']) {
    const { newest, count } = await course(when, 'Europe/Berlin', '2025-01-01T00:00Z');
    const until = time('2026-01-01T08:00Z');
    const year = until - 365 * DAY;
    assert.deepEqual(newest(year, until, 3), [until - 2 * MINUTE, until - MINUTE, until]);
    assert.deepEqual(newest(until - MINUTE, until, 3), [until - MINUTE, until]);
    assert.deepEqual(newest(until + 1, until, 3), []);
    assert.equal(count(year, until), when === '1m' ? 365 * 1440 + 1 : MOST_COUNTED);
  }
});

const stand = (more: Partial<Stand>): Stand => ({
  id: 'sched_1',
  nextAt: null,
  lastAt: null,
  catchUp: 'one',
  jitter: 0,
  left: null,
  ...more,
});

test('after a year asleep one, none or n of the newest are made up for', async () => {
  const now = time('2026-01-01T08:00:30Z');
  const last = time('2026-01-01T08:00:00Z');
  for (const when of ['* * * * *', '1m']) {
    const minutes = await course(when, 'UTC', '2024-12-31T23:00Z');
    const due = (catchUp: CatchUp) => dueOf(minutes, stand({ nextAt: now - 30_000 - 365 * DAY, catchUp }), now);
    assert.deepEqual(due('one').moments, [last]);
    assert.deepEqual(due('none').moments, [last], 'it is not a minute late');
    assert.deepEqual(due(3).moments, [last - 2 * MINUTE, last - MINUTE, last]);
    assert.equal(due(1000).moments.length, 1000);
    assert.equal(due('one').nextAt, last + MINUTE);
    assert.equal(due('one').skipped, when === '1m' ? 365 * 1440 : MOST_COUNTED - 1);
  }
  const daily = await course('0 8 * * *', 'UTC', '2024-12-31T23:00Z');
  const late = dueOf(
    daily,
    stand({ nextAt: time('2025-12-20T08:00Z'), catchUp: 'none' }),
    time('2026-01-01T08:01:01Z'),
  );
  assert.deepEqual([late.moments, late.skipped, late.nextAt], [[], 13, time('2026-01-02T08:00Z')]);
});

test('with nothing to make up for, what is spread is not late before its spread is over', async () => {
  const hours = await course('0 * * * *', 'UTC', '2026-01-01T00:00Z');
  const nextAt = time('2026-01-01T01:00Z');
  const due = (late: number) => dueOf(hours, stand({ nextAt, catchUp: 'none', jitter: 10 * MINUTE }), nextAt + late);
  assert.deepEqual(due(9 * MINUTE).moments, [nextAt]);
  assert.deepEqual(due(12 * MINUTE).moments, []);
});

test('a clock that is set back brings nothing that has been', async () => {
  const minutes = await course('* * * * *', 'UTC', '2026-01-01T00:00Z');
  const at = time('2026-01-01T09:00Z');
  const known = stand({ nextAt: at + MINUTE, lastAt: at });
  assert.deepEqual(dueOf(minutes, known, at - 3600_000), {
    moments: [],
    skipped: 0,
    nextAt: at + MINUTE,
    dueAt: at + MINUTE,
  });
  const behind = dueOf(minutes, stand({ nextAt: at - 2 * MINUTE, lastAt: at }), at - MINUTE);
  assert.equal(behind.nextAt, at + MINUTE);
});

test('a limit lets so many through, the oldest of those that are made up for', async () => {
  const minutes = await course('1m', 'UTC', '2026-01-01T00:00Z');
  const now = time('2026-01-01T00:10Z');
  const due = dueOf(minutes, stand({ nextAt: time('2026-01-01T00:01Z'), catchUp: 10, left: 2 }), now);
  assert.deepEqual([due.moments, due.skipped, due.nextAt], [[now - 9 * MINUTE, now - 8 * MINUTE], 8, now + MINUTE]);
});

test('what is spread is spread the same by everybody, within its seconds, and moves no moment', async () => {
  const minutes = await course('1m', 'UTC', '2026-01-01T00:00Z');
  const at = time('2026-01-01T00:01Z');
  const spread = (id: string, nextAt: number): number =>
    (dueOf(minutes, stand({ id, nextAt: nextAt - MINUTE, jitter: 10_000 }), nextAt - 1).dueAt ?? 0) - nextAt;
  const found = Array.from({ length: 50 }, (_, index) => spread('sched_1', at + (index + 1) * MINUTE));
  assert.ok(
    found.every((ms) => ms >= 0 && ms < 10_000),
    String(found),
  );
  assert.ok(new Set(found).size > 40);
  assert.equal(spread('sched_1', at + MINUTE), found[0]);
  assert.notEqual(spread('sched_2', at + MINUTE), found[0]);
});
