/** Background tasks as tools: what a model can do with them, and what it cannot. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type BackgroundTools, backgroundTools, type Client, defineRecipe, openBackground } from '#offstage';
import { heard } from '../../waiting.js';
import { Models } from '../program/agents/models.js';
import { askWithTools } from './agent-loop.js';

const double = defineRecipe({ name: 'double', run: (n: number) => n * 2 });
const idle = defineRecipe({ name: 'idle', run: (_, { signal }) => heard(signal, 'abort') });
const secret = defineRecipe({ name: 'secret', run: () => 'not for models' });
const asks = defineRecipe({
  name: 'asks',
  run: async (_, ctx) => (await ctx.requestInput({ key: 'colour', message: 'Which colour?' })).content,
});
const asksTool = defineRecipe({
  name: 'asks-tool',
  run: async (_, ctx) => (await ctx.requestInput({ key: 'tool:1.x:1.1', message: 'May shell_tool be used?' })).action,
});

async function toolsFor(t: TestContext, sessionId?: string): Promise<{ client: Client; tools: BackgroundTools }> {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const options = { recipes: [double, idle, asks, asksTool], ...(sessionId === undefined ? {} : { sessionId }) };
  return { client, tools: backgroundTools(client, options) };
}

type Json = Record<string, never>;
const idOf = (answer: object): string => (answer as { task_id: string }).task_id;

test('an agent starts two tasks by its tools, waits for both, and answers with what they gave', async (t) => {
  const { tools } = await toolsFor(t);
  const models = await Models.start(t, ({ body }, index) => {
    const told = body.messages.filter(({ role }) => role === 'tool').map(({ content }) => JSON.parse(content ?? ''));
    if (index === 0) {
      const inputs = [4, 5].map((input) => ({ name: 'bg_submit', args: { recipe: 'double', input } }));
      return { calls: inputs };
    }
    if (index === 1) return { calls: [{ name: 'bg_wait', args: { task_ids: told.map(({ task_id }) => task_id) } }] };
    return told
      .at(-1)
      .tasks.map(({ result }: { result: number }) => result)
      .join(' and ');
  });
  assert.equal(await askWithTools(models, 'Double 4 and 5.', Object.values(tools)), '8 and 10');
  const offered = models.asked[0]?.body.tools?.map(({ function: { name } }) => name);
  const schedules = ['schedule_add', 'schedule_list', 'schedule_remove'];
  const own = ['bg_submit', 'bg_status', 'bg_list', 'bg_wait', 'bg_result', 'bg_cancel', 'bg_respond'];
  assert.deepEqual(offered, [...own, ...schedules]);
});

test('an agent adds, sees and removes what it could have submitted, and reminders', async (t) => {
  const { client, tools } = await toolsFor(t, 'mine');
  const { schedule_add: add, schedule_list: list, schedule_remove: remove } = tools;
  const tea = await add.execute({ name: 'tea', when: 'in 5 minutes', message: 'ready' });
  assert.deepEqual([tea.name, tea.state, tea.message], ['tea', 'active', 'ready']);
  const twice = await add.execute({
    name: 'twice',
    when: 'every day at 9am',
    zone: 'Europe/Berlin',
    recipe: 'double',
    input: 2,
  });
  assert.deepEqual(
    [twice.recipe, twice.zone, (await client.schedules.get('twice'))?.request?.sessionId],
    ['double', 'Europe/Berlin', 'mine'],
  );
  await client.schedules.add({ name: 'other', when: '1h', request: { recipe: double } });
  const seen = (await list.execute({})).schedules as { name: string }[];
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['tea', 'twice'],
  );
  assert.equal((await remove.execute({ name: 'other' })).code, 'not_found');
  assert.deepEqual(await remove.execute({ name: 'twice' }), { name: 'twice', removed: true });
  const wrong: [object, string, RegExp][] = [
    [{ name: 'a', when: '1h' }, 'invalid_argument', /expected one of the two/],
    [{ name: 'a', when: '1h', recipe: 'secret' }, 'invalid_argument', /recipe/],
    [{ name: 'a', when: 'sometimes', message: 'm' }, 'invalid_argument', /^when: got "sometimes"/],
    [{ name: 'tea', when: '1h', message: 'm' }, 'conflict', /there is a schedule 'tea' already/],
  ];
  for (const [input, code, message] of wrong) {
    const answer = await add.execute(input);
    assert.equal(answer.code, code);
    assert.match(String(answer.error), message);
  }
});

test('each tool answers with JSON that says how it stands', async (t) => {
  const { tools } = await toolsFor(t);
  const submitted = await tools.bg_submit.execute({ recipe: 'idle', name: 'long', key: null });
  const task_id = idOf(submitted);
  assert.deepEqual({ ...submitted, status: '' }, { task_id, name: 'long', status: '', deduplicated: false });
  assert.match(String(((await tools.bg_result.execute({ task_id })) as Json).error), /has not ended, it is/);
  const waited = await tools.bg_wait.execute({ task_ids: [task_id], timeout_sec: 0 });
  assert.equal(waited.wait_status, 'timeout');
  const cancelled = await tools.bg_cancel.execute({ task_id, reason: 'enough' });
  assert.deepEqual(cancelled, { task_id, cancelled: true, status: 'cancelled' });
  const status = await tools.bg_status.execute({ task_id });
  assert.deepEqual([status.status, status.next_action], ['cancelled', 'none']);
  const question = idOf(await tools.bg_submit.execute({ recipe: 'asks' }));
  const list = (await tools.bg_list.execute({ limit: 5 })) as { tasks: { task_id: string }[] };
  assert.deepEqual(list.tasks.map(idOf), [question, task_id]);
});

test('a question is answered under its key, but not whether a tool may be used: that is for people', async (t) => {
  const { client, tools } = await toolsFor(t);
  const ask = async (recipe: string) => {
    const task_id = idOf(await tools.bg_submit.execute({ recipe }));
    for await (const { kind } of client.events(task_id, { follow: true })) if (kind === 'input_requested') break;
    return task_id;
  };
  const task_id = await ask('asks');
  const { questions } = await tools.bg_status.execute({ task_id });
  assert.deepEqual(questions, [{ key: 'colour', message: 'Which colour?' }]);
  const wrong = await tools.bg_respond.execute({ task_id, key: 'color', action: 'accept' });
  assert.match(String(wrong.error), /asks nothing under the key 'color'; open are: colour/);
  await tools.bg_respond.execute({ task_id, key: 'colour', action: 'accept', content: 'red' });
  const { tasks } = (await tools.bg_wait.execute({ task_ids: [task_id] })) as { tasks: Json[] };
  assert.equal(tasks[0]?.result, 'red');
  const tool = await ask('asks-tool');
  const denied = await tools.bg_respond.execute({ task_id: tool, key: 'tool:1.x:1.1', action: 'accept' });
  assert.deepEqual([denied.code, await client.handle(tool).status()], ['policy_denied', 'input_required']);
});

test('what a model may not start it can neither see nor touch, and arguments that do not fit are told', async (t) => {
  const { client, tools } = await toolsFor(t, 'mine');
  const foreign = await client.submit({ recipe: secret, sessionId: 'mine' });
  const other = await client.submit({ recipe: double, input: 1 });
  await Promise.all([foreign.wait(60), other.wait(60)]);
  for (const { id } of [foreign, other, { id: `task_${'0'.repeat(32)}` }]) {
    for (const name of ['bg_status', 'bg_result', 'bg_cancel'] as const) {
      assert.deepEqual(await tools[name].execute({ task_id: id }), {
        error: `there is no task ${id}`,
        code: 'task_not_found',
      });
    }
    assert.equal((await tools.bg_wait.execute({ task_ids: [id] })).code, 'task_not_found');
  }
  assert.deepEqual(await tools.bg_list.execute({}), { tasks: [] });
  const told = async (name: keyof BackgroundTools, input: unknown) => String((await tools[name].execute(input)).error);
  assert.match(await told('bg_submit', { recipe: 'secret' }), /^input\.recipe: /);
  assert.match(await told('bg_submit', { recipe: './x' }), /^input\.recipe: /);
  assert.match(await told('bg_submit', { recipe: 'double', command: ['sh'] }), /^input\.command: is not allowed/);
  assert.match(await told('bg_submit', 'double'), /^input: got string, expected object/);
  assert.match(await told('bg_submit', {}), /^input\.recipe: is required/);
  assert.match(await told('bg_status', { task_id: '../../etc/passwd' }), /^input\.task_id: /);
  assert.match(await told('bg_wait', { task_ids: [] }), /^input\.task_ids: /);
  assert.equal((await client.list()).total, 2, 'nothing was submitted');
});

test('without a list every recipe that has a name may be submitted, and nothing by its path', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  await client.work({ recipes: [double] });
  const { bg_submit } = backgroundTools(client);
  const { task_id } = await bg_submit.execute({ recipe: 'double', input: 2 });
  assert.equal(await client.wait(String(task_id), 60), 4);
  for (const recipe of ['./recipes/x', '/etc', 'a..b']) {
    assert.match(String((await bg_submit.execute({ recipe })).error), /^input\.recipe: /, recipe);
  }
  assert.match(String((await bg_submit.execute({ recipe: 'no-such' })).error), /Recipe 'no-such' not found/);
});

test('a large result is cut for the model, and an abort ends a wait', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const large = defineRecipe({ name: 'large', run: () => 'x'.repeat(40_000) });
  const tools = backgroundTools(client, { recipes: [large, idle] });
  const task_ids = [idOf(await tools.bg_submit.execute({ recipe: 'large' }))];
  const { tasks } = (await tools.bg_wait.execute({ task_ids })) as { tasks: { result: string; result_cut: string }[] };
  assert.deepEqual([tasks[0]?.result.length, tasks[0]?.result_cut], [32_768, '7232 more characters']);
  const abort = new AbortController();
  const task_id = idOf(await tools.bg_submit.execute({ recipe: 'idle' }));
  const waiting = tools.bg_wait.execute({ task_ids: [task_id] }, { abortSignal: abort.signal });
  abort.abort(new Error('the agent was cancelled'));
  await assert.rejects(waiting, /the agent was cancelled/);
});

test('the schemas are JSON Schemas as JSON, and Standard Schemas for who asks', async (t) => {
  const { tools } = await toolsFor(t);
  const { inputSchema } = tools.bg_status;
  assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(inputSchema))), [
    'type',
    'properties',
    'required',
    'additionalProperties',
  ]);
  const given = { task_id: `task_${'0'.repeat(32)}` };
  assert.deepEqual(await inputSchema['~standard'].validate(given), { value: given });
  const { issues } = (await inputSchema['~standard'].validate({})) as { issues: { message: string }[] };
  assert.deepEqual(issues, [{ message: 'input.task_id: is required' }]);
});

test('options are checked', async (t) => {
  const { client } = await toolsFor(t);
  assert.throws(() => backgroundTools(client, { recipe: ['x'] } as object), /did you mean 'recipes'/);
  assert.throws(() => backgroundTools(client, { recipes: 'x' } as object), /recipes: got/);
  assert.throws(() => backgroundTools({} as Client), /client: got/);
});
