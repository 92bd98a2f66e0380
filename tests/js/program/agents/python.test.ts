/** A recipe's own Python: what it may do, and what it may not do to us. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AgentError } from '#offstage/program/agents/failure.js';
import { until } from '../../../waiting.js';
import { rejection } from '../../recipe/helpers.js';
import { isLive } from '../../worker/processes.js';
import { Models } from './models.js';
import { stage } from './stage.js';

const NAMES = ['plain', 'later', 'nan', 'huge', 'half', 'leaves', 'asks', 'many', 'throws', 'ends', 'sleeps'];

const SOURCE = `import asyncio, os, subprocess, sys
from typing import List, Literal, Optional
print('loaded')
def plain(text: str, times: int = 2, *more, **others) -> str:
    """Says it again."""
    print('called')
    return text * times
async def later(x: Optional[float] = None):
    await asyncio.sleep(0)
    return {'x': x}
def nan():
    return {'n': float('nan')}
def huge():
    return 'x' * 5_000_000
def half():
    return 'a\\ud800b'
def leaves():
    sys.exit(3)
def asks():
    return input('name? ')
def many(names: List[str], kind: Literal['a', 'b']):
    return [kind, *names]
def throws():
    raise ValueError('no luck')
def ends():
    os._exit(7)
def sleeps(file: str):
    child = subprocess.Popen(['sleep', '1000'])
    open(file, 'w').write(f'{os.getpid()} {child.pid}')
    child.wait()
`;

const YAML = `agents:\n  a: { role: R, tools: [${NAMES.join(', ')}] }\nsteps:\n  - { agent: a, action: Go. }\n`;

/** Asks for one call, and answers with what the model was told of it. */
async function calling(t: TestContext, name: string, args: unknown = {}) {
  const models = await Models.start(t, (_asked, index) => (index === 0 ? { calls: [{ name, args }] } : 'done'));
  const staged = stage(t, models, YAML, { files: { 'tools.py': SOURCE }, asked: { allowTools: NAMES } });
  const told = async () => {
    await staged.run();
    return models.said('tool')[1];
  };
  return { models, staged, told };
}

test('what a function returns is told as text; a model is told what it takes', async (t) => {
  const { models, staged, told } = await calling(t, 'plain', { text: 'ab' });
  assert.equal(await told(), 'abab');
  assert.ok(staged.log.includes('loaded') && staged.log.includes('called'));
  const tools = models.asked[0]?.body.tools?.map((tool) => tool.function) as { name: string }[];
  assert.deepEqual(tools.slice(0, 2), [
    {
      name: 'plain',
      description: 'Says it again.',
      parameters: {
        type: 'object',
        properties: { text: { type: 'string' }, times: { type: 'integer' } },
        required: ['text'],
        additionalProperties: false,
      },
    },
    {
      name: 'later',
      description: '',
      parameters: { type: 'object', properties: { x: { type: 'number' } }, required: [], additionalProperties: false },
    },
  ]);
  assert.equal(await (await calling(t, 'later', { x: 1.5 })).told(), '{"x": 1.5}');
  assert.equal(await (await calling(t, 'many', { names: ['x'], kind: 'b' })).told(), '["b", "x"]');
});

test('what is wrong is told to the model, and the work goes on', async (t) => {
  const cases: [string, unknown, RegExp][] = [
    ['nan', {}, /^Error: ValueError: Out of range float values are not JSON compliant/],
    ['huge', {}, /^Error: ValueError: the result has 5000000 characters, the limit is 1048576/],
    ['half', {}, /^a\ufffdb$/],
    ['leaves', {}, /^Error: SystemExit: 3/],
    ['asks', {}, /^Error: EOFError: EOF when reading a line/],
    ['throws', {}, /^Error: ValueError: no luck/],
    ['plain', { text: 'x', unknown: 1 }, /^Error: arguments\.unknown: is not allowed/],
    ['plain', { text: 5 }, /^Error: arguments\.text: got number, expected string/],
    ['plain', '{no json', /^Error: the arguments are no JSON/],
  ];
  for (const [name, args, message] of cases) {
    const { told, models } = await calling(t, name, args);
    assert.match((await told()) ?? '', message, name);
    assert.equal(models.asked.length, 2);
  }
});

test('an interpreter that ends, one that is not there, a file that lacks a package or does not parse fail the task', async (t) => {
  const facts = async (promise: Promise<unknown>) => ((await rejection(promise)) as AgentError).facts;
  const { staged } = await calling(t, 'ends');
  const ended = (await rejection(staged.run())) as AgentError;
  assert.equal(ended.facts.reason, 'tool_host');
  assert.match(ended.message, /tools\.py: it ended \(exit code 7\)/);
  const run = async (source: string, config = {}) => {
    const models = await Models.start(t);
    const files = { 'tools.py': `${source}\ndef ${NAMES.join('(): pass\ndef ')}(): pass\n` };
    return stage(t, models, YAML, { files, config, asked: { allowTools: NAMES } }).run();
  };
  const { package: name, reason } = await facts(run('import no_such_package_here'));
  assert.deepEqual([reason, name], ['missing_dependency', 'no_such_package_here']);
  assert.equal((await facts(run('x = = 1'))).reason, 'tool_host');
  assert.equal((await facts(run('', { python: '/nowhere/python' }))).reason, 'tool_host');
});

test('an abort ends it at once, with what it has started', async (t) => {
  const { staged, models } = await calling(t, 'sleeps');
  const file = join(staged.folder, 'pids');
  models.answers(() => ({ calls: [{ name: 'sleeps', args: { file } }] }));
  const run = staged.run();
  run.catch(() => {});
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '', { what: 'the pids' });
  const pids = readFileSync(file, 'utf8').split(' ').map(Number);
  const reason = new Error('enough');
  staged.abort.abort(reason);
  assert.equal(await rejection(run), reason);
  await until(() => !pids.some(isLive), { what: `the end of ${pids}` });
});

test('a run that only repeats what is known starts no Python', async (t) => {
  const { staged, models } = await calling(t, 'plain', { text: 'ab' });
  await staged.run();
  staged.log.length = 0;
  assert.equal(await staged.run(), 'done');
  assert.equal(models.asked.length, 2);
  assert.equal(staged.log.includes('loaded'), false);
});
