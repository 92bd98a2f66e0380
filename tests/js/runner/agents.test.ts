import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agent } from '#offstage/index.js';
import { untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('start comes before chat, chat before run, run before execute; a function is called itself', async () => {
  const { runner } = virtual();
  const says = (what: string) => (prompt: string) => `${what}: ${prompt}`;
  const all = { execute: says('execute'), run: says('run'), chat: says('chat'), start: says('start') };
  const { start: _start, ...noStart } = all;
  const { chat: _chat, ...noChat } = noStart;
  const { run: _run, ...onlyExecute } = noChat;
  const agents: [Agent, string][] = [
    [all, 'start: hi'],
    [noStart, 'chat: hi'],
    [noChat, 'run: hi'],
    [onlyExecute, 'execute: hi'],
    [says('itself'), 'itself: hi'],
  ];
  for (const [agent, answer] of agents) assert.equal(await runner.submitAgent(agent, 'hi').wait(), answer);
});

test('the method is called on the agent, which may be of a class', async () => {
  class Writer {
    readonly #style = 'dry';
    readonly name = 'Writer';
    async start(prompt: string): Promise<string> {
      return `${this.#style} ${prompt}`;
    }
  }
  const { runner } = virtual();
  const task = runner.submitAgent(new Writer(), 'text');
  assert.equal(task.name, 'Writer');
  assert.equal(await task.wait(), 'dry text');
  assert.equal(runner.submitAgent(new Writer(), 'x', { name: 'mine' }).name, 'mine');
  assert.equal(runner.submitAgent({ run: () => 1 }, 'x').name, 'agent');
});

test('what has none of them is refused with the text that people know', () => {
  const { runner } = virtual();
  for (const agent of [{}, { start: 'now' }, null, undefined, 5]) {
    assert.throws(() => runner.submitAgent(agent as never, 'hi'), {
      name: 'InvalidArgumentError',
      message: 'Agent must have start(), chat(), or run() method',
    });
  }
  assert.equal(runner.summary().total, 0);
});

test('the abort reaches the agent', async () => {
  const { runner, clock } = virtual();
  let reason: unknown;
  const agent = {
    async chat(_prompt: string, { signal }: { signal: AbortSignal }): Promise<string> {
      await untilAborted({ signal }).catch((error) => {
        reason = error;
        throw error;
      });
      return 'never';
    },
  };
  const task = runner.submitAgent(agent, 'hi', { timeout: 5 });
  await clock.advance(5_000);
  assert.equal((reason as Error).name, 'TimeoutError');
  assert.equal(await task.status(), 'failed');
  assert.equal(runner.summary().abandoned, 0);
});

test('an agent that streams, one that throws, one that fails', async () => {
  const { runner } = virtual();
  const streaming = {
    async *start(prompt: string) {
      yield `${prompt} 1`;
      yield `${prompt} 2`;
    },
  };
  assert.deepEqual(await runner.submitAgent(streaming, 'part').wait(), ['part 1', 'part 2']);
  const throwing = {
    run(): never {
      throw new Error('model unavailable');
    },
  };
  await assert.rejects(runner.submitAgent(throwing, 'x').wait(), { code: 'failed', message: 'model unavailable' });
  await assert.rejects(runner.submitAgent({ chat: () => Promise.reject(new Error('quota')) }, 'x').wait(), {
    message: 'quota',
  });
});
