import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conclude, type Ending, type Stop } from '#offstage/worker/conclude.js';
import { maskOf } from './mask/helpers.js';

const VALUE: Ending = { kind: 'value', json: '0' };
const ERROR: Ending = {
  kind: 'error',
  error: { code: 'failed', name: 'E', message: 'm', retryable: true, details: { stack: 's' } },
  crashed: false,
};
const GONE: Ending = { kind: 'gone', gone: { code: 3, signal: null } };
const KILLED: Ending = { kind: 'killed' };
const ABORTED: Ending = { kind: 'aborted' };
const CANCELLED: Stop = { because: 'cancelled', message: 'c' };
const names = (ending: Ending, stop?: Stop, groupEnded = true): string[] =>
  conclude(ending, stop, groupEnded, maskOf()).commands.map(({ command }) => command);

test('work that was not told to end succeeds or fails', () => {
  assert.deepEqual(conclude(VALUE, undefined, true, maskOf()), {
    commands: [{ command: 'succeed' }],
    payloads: { result: '0' },
  });
  assert.deepEqual(conclude(ERROR, undefined, true, maskOf()), {
    commands: [
      {
        command: 'fail',
        error: { code: 'failed', name: 'E', message: 'm', retryable: true },
        settled: true,
      },
    ],
    payloads: { error_details: '{"stack":"s"}' },
  });
});

test('a process that ends by itself fails its task and says how', () => {
  const { commands } = conclude(GONE, undefined, true, maskOf());
  assert.match(JSON.stringify(commands), /exit code 3/);
  const killed: Ending = { kind: 'gone', gone: { code: null, signal: 'SIGSEGV' } };
  assert.match(JSON.stringify(conclude(killed, undefined, true, maskOf())), /signal SIGSEGV/);
});

test('work that was told to end has stopped; a result that comes all the same is offered', () => {
  const stops: Stop[] = [CANCELLED, { because: 'timeout' }];
  for (const stop of stops) {
    const endings: Ending[] = [ABORTED, KILLED, GONE];
    for (const ending of endings) assert.deepEqual(names(ending, stop), ['stopped']);
    assert.deepEqual(names(VALUE, stop), ['succeed']);
    assert.deepEqual(names(ERROR, stop), ['fail']);
  }
});

test('what cannot be killed is abandoned, not stopped', () => {
  assert.deepEqual(names(KILLED, CANCELLED, false), ['abandon']);
});

test('a shutdown loses the attempt', () => {
  for (const ending of [KILLED, VALUE, ERROR, ABORTED]) {
    const { commands, payloads } = conclude(ending, { because: 'shutdown' }, true, maskOf());
    assert.deepEqual(commands, [{ command: 'lose', reason: 'shutdown', stopped: true }, { command: 'stopped' }]);
    assert.deepEqual(payloads, {}, 'what it said after that may be half of its work only');
  }
});

test('what has not begun is given back, whatever it was told meanwhile', () => {
  const ending: Ending = { kind: 'not_begun', reason: 'no process: 12345678' };
  const stops: (Stop | undefined)[] = [undefined, CANCELLED, { because: 'shutdown' }];
  for (const stop of stops) {
    assert.deepEqual(conclude(ending, stop, true, maskOf('12345678')), {
      commands: [{ command: 'release', reason: 'no process: ***' }],
      payloads: {},
    });
  }
});

test('secrets are in neither result nor error', () => {
  const mask = maskOf('12345678');
  const result = conclude({ kind: 'value', json: '["12345678"]' }, undefined, true, mask);
  assert.equal(result.payloads.result, '["***"]');
  const error = { code: 'failed', name: 'E', message: 'x12345678', retryable: true, details: { stack: '12345678' } };
  const failed = conclude({ kind: 'error', error, crashed: false }, undefined, true, mask);
  assert.doesNotMatch(JSON.stringify(failed), /12345678/);
});
