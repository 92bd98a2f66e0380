/** Every form of a schedule, and every one that is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '#offstage/schedule/forms.js';
import type { Plan } from '#offstage/schedule/plan.js';
import { checkedZone } from '#offstage/schedule/zone.js';

/** A Saturday, 12:00 UTC, 13:00 in Berlin. */
const NOW = Date.UTC(2026, 10, 28, 12);
const READ = { zone: 'Europe/Berlin', now: NOW };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const every = (ms: number): Plan => ({ kind: 'interval', every: ms });
const at = (iso: string): Plan => ({ kind: 'once', at: Date.parse(iso) });
const cron = (fields: string): Plan => ({ kind: 'cron', fields });

const FORMS: [string | number, Plan][] = [
  ['hourly', every(HOUR)],
  ['daily', every(DAY)],
  ['Weekly', every(7 * DAY)],
  [90, every(90 * SECOND)],
  ['90', every(90 * SECOND)],
  ['*/10s', every(10 * SECOND)],
  ['*/30m', every(30 * MINUTE)],
  ['*/6h', every(6 * HOUR)],
  ['*/2d', every(2 * DAY)],
  ['5m', every(5 * MINUTE)],
  ['45 seconds', every(45 * SECOND)],
  ['every 15 min', every(15 * MINUTE)],
  ['every 2 hours', every(2 * HOUR)],
  ['every 1 day', every(DAY)],
  ['366d', every(366 * DAY)],
  ['every  minute', every(MINUTE)],
  ['every hour', every(HOUR)],
  ['every day', every(DAY)],
  ['every week', every(7 * DAY)],
  ['in 20 minutes', at('2026-11-28T12:20:00Z')],
  ['in 2h', at('2026-11-28T14:00:00Z')],
  ['in an hour', at('2026-11-28T13:00:00Z')],
  ['at 9am', at('2026-11-29T08:00:00Z')],
  ['at 17:30', at('2026-11-28T16:30:00Z')],
  ['at:2027-01-31T09:00', at('2027-01-31T08:00:00Z')],
  ['at:2027-01-31 09:00:30', at('2027-01-31T08:00:30Z')],
  ['at:2027-01-31T09:00:00.250Z', at('2027-01-31T09:00:00.250Z')],
  ['at:2027-01-31T09:00+05:30', at('2027-01-31T03:30:00Z')],
  ['at:2027-01-31', at('2027-01-30T23:00:00Z')],
  ['at:2028-02-29T00:00Z', at('2028-02-29T00:00:00Z')],
  ['at:2027-03-28T02:30', at('2027-03-28T01:30:00Z')], // left out: 03:30
  ['at:2027-10-31T02:30', at('2027-10-31T00:30:00Z')], // twice: the first
  ['cron:0 9 * * 1-5', cron('0 9 * * 1-5')],
  ['cron: 0 9 * * MON-FRI', cron('0 9 * * MON-FRI')],
  ['0 9 L * *', cron('0 9 L * *')],
  ['0 9 * * 1#2', cron('0 9 * * 1#2')],
  ['*/30 * * * *', cron('*/30 * * * *')],
  ['@hourly', cron('@hourly')],
  ['@yearly', cron('@yearly')],
  ['every day at 9am', cron('0 9 * * *')],
  ['every day 12am', cron('0 0 * * *')],
  ['daily at 9:30pm', cron('30 21 * * *')],
  ['Daily at 12pm', cron('0 12 * * *')],
  ['weekdays at 9am', cron('0 9 * * 1-5')],
  ['weekdays 17:30', cron('30 17 * * 1-5')],
  ['every weekday at 9am', cron('0 9 * * 1-5')],
  ['weekends 10am', cron('0 10 * * 0,6')],
  ['every monday 9am', cron('0 9 * * 1')],
  ['every Monday at 09:05', cron('5 9 * * 1')],
  ['mon,wed,fri 9am', cron('0 9 * * 1,3,5')],
  ['saturday and sunday at 8am', cron('0 8 * * 6,0')],
  ['every morning at 7am', cron('0 7 * * *')],
  ['every evening at 19:00', cron('0 19 * * *')],
  ['every night 11pm', cron('0 23 * * *')],
];

for (const [when, expected] of FORMS) {
  test(`${JSON.stringify(when)} is a ${expected.kind}`, async () => {
    assert.deepEqual(await planOf(when, READ), expected);
  });
}

const WHOLE = /whole number of at least 1/;
const FIELDS = /five cron fields/;
const TIME = /a time of day, as 9am, 9:30pm or 17:30/;

/** What is refused, and what is said to be expected. */
const REFUSED: [unknown, RegExp][] = [
  ['*/0s', WHOLE],
  [0, WHOLE],
  ['0', WHOLE],
  [-5, WHOLE],
  ['-5', WHOLE],
  [1.5, WHOLE],
  ['1.5h', WHOLE],
  ['in 0 minutes', WHOLE],
  ['every -2 hours', WHOLE],
  [Number.NaN, /five cron fields/],
  [Number.POSITIVE_INFINITY, /five cron fields/],
  ['367d', /366 days at most/],
  ['in 53 weeks', /366 days at most/],
  [400 * 86_400, /366 days at most/],
  ['cron:bad', FIELDS],
  ['cron:', FIELDS],
  ['cron:* * * * * *', /five cron fields.*has 6 parts/],
  ['0 0 9 * * 1', /five cron fields.*has 6 parts/],
  ['60 * * * *', /five cron fields.*minute: 60/],
  ['* 24 * * *', /five cron fields.*hour: 24/],
  ['5/15 * * * *', /five cron fields.*numeric prefix/],
  ['*/0 * * * *', /five cron fields.*stepping: 0/],
  ['0 0 31 2 *', /a moment that comes: this one never does/],
  ['@reboot', /one of @hourly, .*@annually/],
  ['@sometimes', /one of @hourly/],
  ['at:garbage', /a date and time that there are/],
  ['at:', /a date and time that there are/],
  ['at:2027-02-30T09:00', /a date and time that there are/],
  ['at:2027-02-29', /a date and time that there are/],
  ['at:2027-13-01', /a date and time that there are/],
  ['at:2027-01-31T24:00', /a date and time that there are/],
  ['at:2027-01-31T09:60', /a date and time that there are/],
  ['at:2027-01-31T09:00+15:00', /a date and time that there are/],
  ['at:2026-11-28T12:00Z', /a moment that is to come/],
  ['at:2020-01-01', /a moment that is to come/],
  ['at 25:00', TIME],
  ['at 13pm', TIME],
  ['at 0am', TIME],
  ['at 9', TIME],
  ['at 9:60am', TIME],
  ['every day at 9', TIME],
  ['weekdays at 25:00', TIME],
  ['', /the nearest form|five cron fields/],
  ['  ', /five cron fields/],
  ['mon-fri 9am', /nearest form is "weekdays at 9am"/],
  ['monthly', /nearest form is "@monthly"/],
  ['every month', /nearest form is "@monthly"/],
  ['every 2 months', /nearest form is "@monthly"/],
  ['5 fortnights', /nearest form is "every 2 hours"/],
  ['tomorrow at 9am', /nearest form is "at:2027-01-31T09:00"/],
  ['evry day at 9am', /nearest form is "every day at 9am"/],
  ['hourley', /nearest form is "hourly"/],
  ['every morning', /a time of day as well, as "every morning at 9am"/],
  ['every monday', /a time of day as well, as "every monday at 9am"/],
  ['every morning at 7pm', /a time that is in the morning, or "every day at 7pm"/],
  [null, /an interval as "30m"/],
  [undefined, /an interval as "30m"/],
  [{}, /an interval as "30m"/],
];

for (const [when, expected] of REFUSED) {
  test(`${JSON.stringify(when) ?? 'undefined'} is refused (${String(when)})`, async () => {
    await assert.rejects(planOf(when, READ), { code: 'invalid_argument', message: expected });
    await assert.rejects(planOf(when, READ), { message: /^when: got / });
  });
}

test('a zone is one that the system knows, as it spells it, and no mere offset', () => {
  assert.deepEqual([checkedZone('europe/berlin'), checkedZone('UTC')], ['Europe/Berlin', 'UTC']);
  for (const zone of ['Nowhere/X', '', '+02:00', '-0500', 'UTC+2', 'GMT+2', 7, null]) {
    assert.throws(() => checkedZone(zone), {
      code: 'invalid_argument',
      message: /^zone: got .*the name of a time zone/,
    });
  }
});
