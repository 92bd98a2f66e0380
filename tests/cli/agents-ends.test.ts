/** What agents leave behind when their worker is killed or their task cancelled: nothing that runs, nothing done twice. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Asked } from '../js/program/agents/models.js';
import { BEGUN, set, staged, submit } from './agents-stage.js';
import { gone, isLive, kill, until } from './scene.js';

const AGENT = 'agents:\n  writer: { role: Writer, tools: [shell_tool] }\n';
const LOOP = `${AGENT}steps:
  - { loop: { over: items, parallel: true, max_workers: 3 }, agent: writer, action: "Item {{item}}." }
`;

const itemOf = ({ body }: Asked): string => /Item (\w+)/.exec(JSON.stringify(body.messages))?.[1] ?? '';
const tools = ({ body }: Asked): number => body.messages.filter(({ role }) => role === 'tool').length;

test('kill -9 in a parallel loop: what is stored is not asked or done again, what was lost is told', async (t) => {
  const never = new Promise<void>(() => {});
  let isKilled = false;
  const { scene, models } = await staged(t, (asked) => {
    const item = itemOf(asked);
    if (item === 'a') return 'A';
    if (tools(asked) === 0) return { calls: [{ name: 'shell_tool', args: { command: `echo ${item} >> ran.txt` } }] };
    return isKilled ? item.toUpperCase() : { raw: [BEGUN], hold: never };
  });
  writeFileSync(scene.file('recipes/two/agents.yaml'), LOOP);
  const input = JSON.stringify({ items: ['a', 'b', 'c'] });
  const flags = ['--recipe', 'two', '--input', input, '--allow-tool', 'shell_tool', '--on-lost', 'retry'];
  const { task_id: id } = await scene.cli('submit', ...flags);
  await until(() => models.asked.length === 5, { what: 'the second calls of two items' });
  kill((await scene.status(id)).worker?.pid as number);
  await Promise.all(models.asked.slice(-2).map(({ closed }) => closed));
  isKilled = true;
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.status, done.result, done.attempt], ['completed', ['A', 'B', 'C'], 2]);
  assert.deepEqual(scene.lines('ran.txt').sort(), ['b', 'c']); // each once
  assert.equal(models.asked.length, 7); // the two that were lost, and no other
  const { requests, input_tokens, incomplete } = done.usage ?? {};
  assert.deepEqual([requests, input_tokens, incomplete], [7, 50, true]);
});

test('kill -9 between a tool and its commit: that use is made again, the call that wanted it is not', async (t) => {
  const command = 'echo ran >> ran.txt; test -e go || sleep 600';
  const { scene, models } = await staged(
    t,
    (asked) => (tools(asked) === 0 ? { calls: [{ name: 'shell_tool', args: { command } }] } : 'done'),
    'shell_tool',
  );
  writeFileSync(scene.file('recipes/two/agents.yaml'), `${AGENT}steps: [{ agent: writer, action: Go. }]\n`);
  const flags = ['--recipe', 'two', '--input', '{}', '--allow-tool', 'shell_tool', '--on-lost', 'retry'];
  const { task_id: id } = await scene.cli('submit', ...flags);
  await scene.written('ran.txt');
  writeFileSync(scene.file('go'), '');
  kill((await scene.status(id)).worker?.pid as number);
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.status, done.result, done.attempt], ['completed', 'done', 2]);
  assert.deepEqual([scene.lines('ran.txt'), models.asked.length], [['ran', 'ran'], 2]);
  const { requests, incomplete } = done.usage ?? {};
  assert.deepEqual([requests, incomplete], [2, false], 'as the server has billed it');
  const { events } = await scene.project.json<{ events: { kind: string }[] }>('background', 'events', id);
  assert.equal(events.filter(({ kind }) => kind === 'tool').length, 1, 'told once, in the commit of what came of it');
});

const PYTHON = `import subprocess, time
def nap(text: str) -> str:
    """Sleeps."""
    child = subprocess.Popen(["sleep", "600"])
    with open(text, "w") as file:
        file.write(str(child.pid))
    time.sleep(600)
    return "rested"
`;

const moments: [what: string, says: (file: string) => object][] = [
  ['before the head of an answer', () => ({ before: new Promise(() => {}) })],
  ['in the middle of an answer', () => ({ raw: [BEGUN], hold: new Promise(() => {}) })],
];

for (const [what, says] of moments) {
  test(`a cancel ${what} closes the connection`, async (t) => {
    const { scene, models } = await staged(t, () => says(''));
    const { task_id: id } = await submit(scene);
    await until(() => models.asked.length === 1, { what: 'the model call' });
    let closedAt = 0;
    const closed = models.asked[0]?.closed.then(() => {
      closedAt = performance.now();
    });
    const { status } = await scene.cli('cancel', id);
    const answeredAt = performance.now();
    await closed;
    assert.equal(status, 'cancelled');
    t.diagnostic(`closed ${Math.round(closedAt - answeredAt)} ms after the command had answered`);
  });
}

test('a cancel in a shell, and in Python that has started a program: nothing is left', async (t) => {
  const napping = [
    { name: 'shell_tool', args: { command: 'sleep 600 & echo $! > shell.pid; wait' } },
    { name: 'nap', args: { text: 'python.pid' } },
  ];
  for (const [index, call] of napping.entries()) {
    const { scene } = await staged(t, () => ({ calls: [call] }), call.name);
    if (index === 1) writeFileSync(scene.file('recipes/two/tools.py'), PYTHON);
    const { task_id: id } = await submit(scene, '--allow-tool', call.name);
    const file = index === 0 ? 'shell.pid' : 'python.pid';
    const pid = Number((await scene.written(file))[0]);
    assert.ok(isLive(pid));
    assert.equal((await scene.cli('cancel', id, '--wait')).status, 'cancelled');
    await gone(pid);
    const { stopped_at: stopped } = await scene.status(id);
    assert.notEqual(stopped, null);
  }
});

test('a worker that was started with a key hands none to the shell of a tool', async (t) => {
  const command = 'env | grep -c sk-offstage; true';
  const { scene, models } = await staged(
    t,
    (asked) => (tools(asked) === 0 ? { calls: [{ name: 'shell_tool', args: { command } }] } : 'done'),
    'shell_tool',
  );
  set(scene, { OPENAI_API_KEY: 'sk-offstage-test-0123456789', OFFSTAGE_TEST_OTHER: 'sk-offstage-other-0123456789' });
  await scene.worker(); // it has them, too
  const done = await submit(scene, '--allow-tool', 'shell_tool', '--wait');
  assert.equal(done.status, 'completed');
  assert.equal(models.said('tool').find(Boolean), 'exit code 0\n0\n');
});
