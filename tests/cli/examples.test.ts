/** The example recipes of agents, as they are in `recipes/`: against a model server on loopback, and programs that stand in. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Answering, Models } from '../js/program/agents/models.js';
import { ROOT } from '../js/root.js';
import { Scene, until } from './scene.js';

function sceneWith(t: TestContext, recipe: string, more: Record<string, string>): Scene {
  const scene = new Scene(t);
  cpSync(join(ROOT, 'recipes', recipe), scene.file(`recipes/${recipe}`), { recursive: true });
  Object.defineProperty(scene.project, 'env', { value: { ...scene.project.env, ...more }, configurable: true });
  return scene;
}

async function staged(t: TestContext, recipe: string, answering: Answering) {
  const models = await Models.start(t, answering);
  return { models, scene: sceneWith(t, recipe, { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' }) };
}

const run = (scene: Scene, recipe: string, input: object, ...flags: string[]) =>
  scene.cli('submit', '--recipe', recipe, '--input', JSON.stringify(input), ...flags);

test('review-diff reads a file where it has to, and gives a review of what was found', async (t) => {
  const finding = { file: 'a.js', line: 1, severity: 'high', problem: 'it divides by zero' };
  const { models, scene } = await staged(t, 'review-diff', (_asked, index) => {
    if (index === 0) return { calls: [{ name: 'read_file', args: { path: 'a.js' } }] };
    return index === 1 ? JSON.stringify([finding]) : '- a.js:1 divides by zero';
  });
  writeFileSync(scene.file('a.js'), 'export const a = 1 / 0;\n');
  const done = await run(scene, 'review-diff', { diff: '+export const a = 1 / 0;' }, '--wait');
  assert.deepEqual([done.status, done.result], ['completed', '- a.js:1 divides by zero']);
  assert.equal(models.said('tool')[1], 'export const a = 1 / 0;\n');
  assert.match(models.said('user')[2] ?? '', /divides by zero/);
});

test('notes-digest lists a folder, reads its notes, and makes a page of them', async (t) => {
  const { models, scene } = await staged(t, 'notes-digest', (_asked, index) => {
    if (index === 0) return { calls: [{ name: 'list_files', args: { path: 'notes' } }] };
    if (index === 1) return { calls: [{ name: 'read_file', args: { path: 'notes/monday.md' } }] };
    return index === 2 ? 'monday.md: due on Friday' : '# Due\n- Friday (monday.md)';
  });
  mkdirSync(scene.file('notes'));
  writeFileSync(scene.file('notes/monday.md'), 'Ship on Friday.\n');
  const done = await run(scene, 'notes-digest', { folder: 'notes' }, '--wait');
  assert.deepEqual([done.status, done.result], ['completed', '# Due\n- Friday (monday.md)']);
  assert.match(models.said('tool')[1] ?? '', /monday\.md/);
  assert.equal(models.said('tool')[2], 'Ship on Friday.\n');
});

test('research asks a person before it fetches, and goes on without a page that was refused', async (t) => {
  const page = 'https://example.com/';
  const { models, scene } = await staged(t, 'research', (_asked, index) => {
    if (index === 0) return JSON.stringify([page]);
    return index === 1 ? { calls: [{ name: 'web_crawl', args: { url: page } }] } : 'Nobody knows.';
  });
  const { task_id: id } = await run(scene, 'research', { question: 'Why?' });
  const asked = await until(
    async () => {
      const { input_requests } = await scene.status(id);
      return Object.entries(input_requests ?? {})[0];
    },
    { what: 'the question to a person' },
  );
  assert.match((asked[1] as { message: string }).message, /May web_crawl be used with .*example\.com/);
  assert.equal(models.asked.length, 2, 'nothing was spent meanwhile');
  await scene.cli('respond', id, asked[0], '--decline');
  assert.equal((await scene.cli('wait', id)).result, 'Nobody knows.');
  assert.equal(models.said('tool')[2], 'denied by a person');
});

/** What the programs print, as their own documentation has it; `$0` is the prompt's file, `$@` the arguments. */
const PRINTS: Record<string, object[]> = {
  claude: [
    { type: 'system', subtype: 'init', session_id: 's-1' },
    { type: 'assistant', session_id: 's-1', message: { content: [{ type: 'text', text: 'I look.' }] } },
    {
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: 'done',
      session_id: 's-1',
      total_cost_usd: 0.25,
      usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 3 },
    },
  ],
  codex: [
    { type: 'thread.started', thread_id: 's-1' },
    { type: 'turn.started' },
    { type: 'error', message: 'Reconnecting... 1/5 (stream disconnected before completion)' },
    { type: 'item.completed', item: { id: 'item_0', type: 'reasoning', text: 'hm' } },
    { type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text: 'done' } },
    { type: 'turn.completed', usage: { input_tokens: 15, cached_input_tokens: 5, output_tokens: 3 } },
  ],
  opencode: [
    { type: 'step_start', sessionID: 's-1', part: { type: 'step-start' } },
    { type: 'text', sessionID: 's-1', part: { type: 'text', text: 'done' } },
    {
      type: 'step_finish',
      sessionID: 's-1',
      part: {
        type: 'step-finish',
        cost: 0.25,
        tokens: { input: 10, output: 3, reasoning: 0, cache: { read: 5, write: 0 } },
      },
    },
  ],
};

/** A folder with programs of these names, which write down how they were called. */
function standIns(scene: Scene, script: (name: string) => string): void {
  mkdirSync(scene.file('bin'));
  for (const name of Object.keys(PRINTS)) {
    writeFileSync(scene.file(`bin/${name}`), `#!/bin/sh\necho "$0 $*" >> calls\ncat > prompt\n${script(name)}\n`);
    chmodSync(scene.file(`bin/${name}`), 0o755);
  }
  const env = { ...scene.project.env, PATH: `${scene.file('bin')}:${scene.project.env.PATH}` };
  Object.defineProperty(scene.project, 'env', { value: env, configurable: true });
}

const printing = (name: string): string =>
  (PRINTS[name] ?? []).map((line) => `echo '${JSON.stringify(line)}'`).join('\n');

for (const agent of Object.keys(PRINTS)) {
  test(`coding-agent runs ${agent}: its text, session, tokens and cost`, async (t) => {
    const scene = sceneWith(t, 'coding-agent', {});
    standIns(scene, printing);
    const input = { agent, prompt: '-- mend it', folder: scene.folder };
    const first = await run(scene, 'coding-agent', input, '--wait');
    const cost = agent === 'codex' ? null : 0.25;
    assert.deepEqual(first.result, { text: 'done', session: 's-1', cost });
    const { input_tokens, output_tokens, cached_input_tokens, cost: told } = first.usage ?? {};
    assert.deepEqual([input_tokens, output_tokens, cached_input_tokens, told], [15, 3, 5, cost]);
    assert.equal(first.usage?.incomplete, false);
    const more = await run(scene, 'coding-agent', { ...input, session: 's-1', model: 'large' }, '--wait');
    // codex says what the whole thread has used
    assert.deepEqual([more.usage?.input_tokens, more.usage?.incomplete], agent === 'codex' ? [0, true] : [15, false]);
    const [, again = ''] = scene.lines('calls');
    assert.match(again, /large/);
    assert.match(again, /(--resume|resume|--session) s-1/);
    assert.deepEqual(scene.lines('prompt'), ['-- mend it']);
  });
}

test('coding-agent: a cancel ends the program and what it has started; a failure says why', async (t) => {
  const scene = sceneWith(t, 'coding-agent', {});
  standIns(scene, () => 'sleep 1000 & echo $! > child; echo $$ > self; wait');
  const { task_id: id } = await run(scene, 'coding-agent', { agent: 'claude', prompt: 'x', folder: scene.folder });
  const [self] = await scene.written('self');
  const [child] = await scene.written('child');
  const pids = [self, child].map(Number);
  assert.ok(pids.every((pid) => scene.project.processes().includes(pid)));
  await scene.cli('cancel', id, '--wait');
  await until(() => !pids.some((pid) => scene.project.processes().includes(pid)), {
    what: 'the end of the program and of what it has started',
  });
  writeFileSync(scene.file('bin/claude'), "#!/bin/sh\necho 'no key' >&2\nexit 3\n");
  const failed = await run(scene, 'coding-agent', { agent: 'claude', prompt: 'x', folder: scene.folder }, '--wait');
  assert.match(failed.error?.message ?? '', /claude: exit code 3: no key/);
  assert.equal(failed.usage?.incomplete, true, 'what it has used it did not say');
});
