/**
 * One agent, one outcome: by `recipe.run`, by `recipe.runBackground`, and by a runner's `submitAgent` or a command. What refuses
 * refuses with the same code by each of them, and what a model asks for is told the same and done the same.
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackgroundRunner, defineAgent, recipe } from '#offstage/index.js';
import { within } from '../../waiting.js';
import { Project } from '../client/project.js';
import { ODD_NAMES, ODD_YAML } from '../program/agents/attacks.js';
import { Models } from '../program/agents/models.js';

interface Reasoned {
  reason?: string;
}

/** How it ended: what it resulted in, or its code with the reason of an agent's failure. */
async function endOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: await within(work(), { what: 'an end' }) };
  } catch (error) {
    const { code, details, cause } = error as { code?: string; details?: Reasoned; cause?: { facts?: Reasoned } };
    const reason = details?.reason ?? cause?.facts?.reason; // in one process the cause is the very error
    return { code, ...(reason === undefined ? {} : { reason }) };
  }
}

const ODD_ARGUMENTS = [
  'null',
  '[]',
  '5',
  '{',
  '{"path":5}',
  '{"path":["a"]}',
  '{"path":"a","more":1}',
  '{"__proto__":{"path":"a"}}',
  '{"constructor":{"path":"a"}}',
  '\u0000',
  '{}{}',
];
const ODD_TOOLS = ['look', 'no_tool', '__proto__', 'constructor', 'toString', '', 'x'.repeat(300), 'shell_tool'];
const ODD_PROMPTS: readonly unknown[] = [
  5,
  null,
  '',
  {},
  [],
  [null],
  [{ role: 5, content: 'x' }],
  [{ role: 'tool', content: 'x' }],
  [{ role: 'user', content: 5 }],
  [{ role: 'user', content: [{ type: 'file', path: '/etc/passwd' }] }],
  [{ role: '__proto__', content: 'x' }],
  ['x'],
];

test('an agent in code ends the same way by each of the three', async (t) => {
  const project = new Project(t);
  const store = project.store;
  const calls = ODD_TOOLS.flatMap((name) => ODD_ARGUMENTS.map((args) => ({ name, args: args as unknown })));
  const models = await Models.start(t);
  Object.assign(process.env, { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' });
  let looked = 0;
  const look = {
    description: 'Looks.',
    inputSchema: {
      type: 'object',
      properties: { path: { type: 'string' } },
      required: ['path'],
      additionalProperties: false,
    },
    execute: () => {
      looked += 1;
      return 'looked';
    },
  };
  const runner = new BackgroundRunner();
  const agents = {
    tools: defineAgent({ name: 'tools', tools: { look } }),
    turns: defineAgent({ name: 'turns', tools: { look }, maxTurns: 2 }),
    budget: defineAgent({ name: 'budget', tools: { look }, budget: { calls: 1 } }),
    none: defineAgent({ name: 'none', agent: {} }),
    throws: defineAgent({ name: 'throws', create: () => Promise.reject(new TypeError('no agent today')) }),
  };
  const three = async (agent: keyof typeof agents, prompt: unknown) => {
    const [one, input] = [agents[agent] as never, { prompt, input: prompt } as never];
    const ways = [
      () => recipe.run(one, { input, store }),
      async () => (await recipe.runBackground(one, { input, store })).wait(),
      async () => runner.submitAgent(one, prompt as never).wait(),
    ];
    const ends = [];
    for (const way of ways) {
      const [asked, before] = [models.asked.length, looked];
      const end = await endOf(way);
      const told = models.asked.slice(asked).map(({ body }) => body.messages.filter(({ role }) => role === 'tool'));
      ends.push({ end, looked: looked - before, told: told.at(-1)?.map(({ content }) => content) });
    }
    const what = `${agent} ${JSON.stringify(prompt)}`;
    assert.deepEqual(ends[1], ends[0], what);
    assert.deepEqual(ends[2], ends[0], what);
    return ends[0];
  };
  models.answers(({ body }) => (body.messages.at(-1)?.role === 'tool' ? 'done' : { calls }));
  const odd = await three('tools', 'go');
  assert.deepEqual([odd?.end, odd?.looked, odd?.told?.length], [{ result: 'done' }, 0, calls.length]);
  assert.ok(odd?.told?.every((text) => /^Error: /.test(String(text))));
  models.answers(() => ({ calls: [{ name: 'look', args: { path: 'a' } }] }));
  assert.deepEqual((await three('turns', 'go'))?.end, { code: 'failed', reason: 'max_turns' });
  assert.equal((Object((await three('budget', 'go'))?.end) as { code: string }).code, 'budget_exceeded');
  models.answers(() => ({ status: 401 }));
  assert.deepEqual((await three('tools', 'go'))?.end, { code: 'failed', reason: 'model_auth' });
  models.answers(() => 'fine');
  for (const prompt of ODD_PROMPTS) await three('tools', prompt);
  for (const agent of ['none', 'throws'] as const)
    assert.equal(Object((await three(agent, 'go'))?.end).code, 'failed', agent);
  await runner.stop();
});

test('a recipe of agents is refused with one code by run, by runBackground and by the command', async (t) => {
  const project = new Project(t);
  const models = await Models.start(t);
  const env = { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' };
  Object.assign(process.env, env);
  Object.defineProperty(project, 'env', { value: { ...project.env, ...env } });
  const add = (name: string, yaml: string): string => {
    const folder = join(project.folder, 'recipes', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'agents.yaml'), yaml);
    return folder;
  };
  const agent = (more: string): string => `agents: { a: { role: R${more} } }\nsteps:\n  - { agent: a, action: "x" }\n`;
  const cases: [name: string, code: string, input?: unknown][] = [];
  for (const [at, [, yaml]] of ODD_YAML.filter(([, text]) => text.length < 2000).entries()) {
    if (at % 6 !== 0) continue; // all of them are in attacks.test
    add(`odd-${at}`, yaml);
    cases.push([`odd-${at}`, 'recipe_invalid']);
  }
  for (const [name, tools, code] of [
    ['denied', 'shell_tool', 'policy_denied'],
    ['unknown', 'no_such_tool', 'recipe_invalid'],
    ['keyless', 'search_web', 'missing_dependency'],
  ] as const) {
    add(name, agent(`, tools: [${tools}]`));
    cases.push([name, code]);
  }
  add('needs', agent('').replace('"x"', '"{{a}} {{b}}"'));
  cases.push(['needs', 'recipe_invalid', { a: 1 }], ['needs', 'recipe_invalid', { __proto__: { a: 1 }, b: 2 }]);
  add('circle', `${agent('')}  - { include: circle }\n`);
  cases.push(['circle', 'recipe_invalid']);
  symlinkSync('/etc/passwd', join(add('linked', agent('')), 'tools.py'));
  cases.push(['linked', 'policy_denied']);
  for (const name of ODD_NAMES.slice(0, 4)) cases.push([name, 'invalid_argument']);
  for (const [name, code, input = {}] of cases) {
    const options = { input, store: project.store };
    const ends = [
      await endOf(() => recipe.run(name, options)),
      await endOf(async () => (await recipe.runBackground(name, options)).wait()),
    ];
    const told = await project.json(
      'background',
      'submit',
      `--recipe=${name}`,
      '--input',
      JSON.stringify(input),
      '--wait',
    );
    assert.deepEqual([...ends, { code: told.code }], [{ code }, { code }, { code }], name);
  }
  assert.equal(models.asked.length, 0, 'nothing was called');
});
