/** A trap in the core: whoever waits for anything of any runner hears it, and the process ends by itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ROOT } from '../root.ts';

/** Three runners on which everything is waited for that can be; `wreck` overwrites the heap of their core, above its stack and constants. */
const SCENE = `
import { BackgroundRunner } from '#offstage';
import { setTimeout as sleep } from 'node:timers/promises';
import * as glue from '#offstage/core/pkg/offstage_runner.js';
const a = new BackgroundRunner();
const b = new BackgroundRunner();
const c = new BackgroundRunner();
const { memory } = glue.initSync();
const wreck = () => new Uint8Array(memory.buffer).fill(0xff, 2 ** 20 + 20_000);
const heard = {};
const codeOf = ({ code, message, cause }) => (code === 'core_dead' && cause instanceof Error ? code : String(message));
const hear = (what, promise) => promise.then(() => (heard[what] = 'fine'), (error) => (heard[what] = codeOf(error)));
const never = () => new Promise(() => {});
const untilAborted = ({ signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)));
const told = b.submit((ctx) => { const code = untilAborted(ctx); hear('the signal', code); return code; });
b.submit((ctx) => { const answer = ctx.requestInput({ key: 'k', message: 'm' }); hear('a question', answer); return answer; });
const queued = a.submit(never, { delay: 60 });
const deaf = b.submit(never);
c.submit(never);
await new Promise(setImmediate);
hear('wait', told.wait());
hear('wait with a time', told.wait(600));
hear('wait of a queued one', queued.wait());
hear('cancel and wait', deaf.cancel('x', { stopped: true }));
hear('waitAll', a.waitAll());
hear('waitAll with a time', b.waitAll(600));
hear('onRoom', a.onRoom(1));
hear('events of a task', told.events({ follow: true, after: 99 }).next());
hear('events of a runner', a.events().next());
hear('stop', c.stop({ drain: 600 }));
process.on('exit', () => process.stdout.write(JSON.stringify(heard)));
`;

/** What each of them hears, case by case. */
function heard(script: string): Record<string, string> {
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', SCENE + script], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(ran.status, 0, `${ran.signal ?? ran.status}\n${ran.stdout}\n${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

const ALL = [
  'a question',
  'cancel and wait',
  'events of a runner',
  'events of a task',
  'onRoom',
  'stop',
  'the signal',
  'wait',
  'wait of a queued one',
  'wait with a time',
  'waitAll',
  'waitAll with a time',
];

const PLACES = {
  'in the driver': 'b.submit(() => 1); wreck();',
  'in a timer': `b.submit(() => 1, { delay: 0.02 }); await new Promise(setImmediate); wreck();`,
  'in a callback': `hear('the caller', b.submit(() => { wreck(); b.submit(() => 1); }).wait());`,
  'in a call': `wreck(); try { b.submit(() => 1); } catch (error) { heard['the caller'] = codeOf(error); }`,
  'in a turn after others had theirs': `
    const many = Array.from({ length: 1000 }, (_, at) => b.submit(() => { if (at === 70) wreck(); }));
    hear('the caller', many[999].wait());`,
};

for (const [place, script] of Object.entries(PLACES)) {
  test(`a trap ${place}`, () => {
    const { 'the caller': caller, ...all } = heard(script);
    assert.deepEqual(all, Object.fromEntries(ALL.map((what) => [what, 'core_dead'])));
    if (script.includes('the caller')) assert.equal(caller, 'core_dead');
  });
}
