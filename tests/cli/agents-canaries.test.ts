/** A value of the environment in every place where agents may bring one: afterwards it is readable nowhere. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Answering, Models } from '../js/program/agents/models.js';
import { set } from './agents-stage.js';
import { bodiesOf, CANARY, FORMS, readableIn, Watched } from './canaries.js';
import { kill, Scene, until } from './scene.js';

/** Variables of the shell that no recipe names: whatever becomes of them, they are not ours to store. */
const UNNAMED = {
  HTTPS_PROXY: `http://me:${encodeURIComponent(CANARY)}@127.0.0.1:9`,
  HTTP_PROXY: `http://me:${encodeURIComponent(CANARY)}@127.0.0.1:9`,
  UNNAMED: CANARY,
};

async function watched(t: TestContext, answering: Answering = () => 'fine', env: Record<string, string> = {}) {
  const models = await Models.start(t, answering);
  const scene = new Scene(t);
  set(scene, { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local', ...UNNAMED, ...env });
  return { models, scene, watch: new Watched(scene) };
}

function addFiles(scene: Scene, recipe: string, files: Record<string, string>): void {
  mkdirSync(scene.file(`recipes/${recipe}`), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(scene.file(`recipes/${recipe}/${name}`), text);
}

interface Task {
  task_id: string;
  status: string;
  result: unknown;
  error: { message: string } | null;
  input_requests: Record<string, { message: string }>;
  worker: { pid: number } | null;
}

/** Sixes of a text: what a stream may cut it to. */
const sixes = (text: string): string[] => text.match(/[\s\S]{1,6}/g) ?? [];

test('what looks for it finds it: in a file, in what was printed, in every form and in a part of one', async (t) => {
  const { scene, watch } = await watched(t);
  assert.deepEqual(await watch.readable(), []);
  for (const [form, text] of Object.entries(FORMS)) {
    assert.ok(
      readableIn([['there', `before ${text} behind`]]).some((one) => one.startsWith(`there: ${form} `)),
      form,
    );
  }
  assert.ok(readableIn([['there', CANARY.slice(10, 24)]]).length > 0);
  writeFileSync(scene.file('planted'), Buffer.concat([Buffer.of(0, 255), Buffer.from(CANARY)]));
  assert.match(String(await watch.readable()), /planted: plain/);
});

test('functions in Python: what they return, raise, print and are asked with, also after a kill', async (t) => {
  const forms = Object.values(FORMS).join(' ');
  const { scene, watch, models } = await watched(
    t,
    ({ body }) => {
      const told = body.messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
      const isFirst = body.messages.some(({ content }) => content?.startsWith('Use'));
      if (isFirst && told.length === 0) {
        const names = ['give', 'fail', 'show'];
        return { calls: [...names.map((name) => ({ name, args: {} })), { name: 'take', args: { text: CANARY } }] };
      }
      return { pieces: sixes(told.join('\n') + forms) };
    },
    { SECRET: CANARY },
  );
  addFiles(scene, 'py', {
    'agents.yaml': `metadata: { requires: { env: [SECRET] } }
agents:
  clerk: { role: Clerk, tools: [give, fail, show, take] }
steps:
  - { agent: clerk, action: "Use {{it}}.", output_variable: found }
  - { agent: clerk, action: "Again: {{found}}" }
`,
    'tools.py': `import base64, json, os, sys, urllib.parse

KEY = os.environ["SECRET"]

def give():
    return {KEY: [KEY, base64.b64encode(KEY.encode()).decode(), KEY.encode().hex(), urllib.parse.quote(KEY, safe="")]}

def fail():
    raise ValueError("no: " + KEY)

def show():
    print("as it is", KEY, json.dumps(KEY))
    print(KEY, file=sys.stderr)
    return "shown"

def take(text: str):
    return text[::-1]
`,
  });
  const allow = ['give', 'fail', 'show'].flatMap((name) => ['--allow-tool', name]);
  const { task_id: id } = await watch.cli<Task>(
    ...['submit', '--recipe', 'py', '--input', 'this', '--on-lost', 'retry', ...allow, '--ask-tool', 'take'],
  );
  const asked = await until(
    async () => {
      const task = await watch.cli<Task>('status', id);
      return task.status === 'input_required' ? task : undefined;
    },
    { what: 'the question' },
  );
  kill(asked.worker?.pid as number);
  const [key] = Object.keys(asked.input_requests);
  assert.equal((await watch.cli<{ ok: boolean }>('respond', id, String(key), '--accept', '{}')).ok, true);
  const done = await watch.cli<Task>('wait', id);
  assert.equal(done.status, 'completed', done.error?.message);
  assert.match(JSON.stringify(done.result), /\*\*\*/);
  assert.ok(models.asked.length >= 3);
  assert.deepEqual(await watch.readable(id), []);
});

/** Ways in which a server says what it was sent. */
const ECHOES: Record<string, Answering> = {
  'text in sixes': () => ({ pieces: sixes(Object.values(FORMS).join(' ')) }),
  'the body of a refusal': () => ({
    status: 401,
    body: JSON.stringify({ error: { message: `no such key ${CANARY}` } }),
  }),
  'a body that is no JSON': () => ({ status: 400, body: Object.values(FORMS).join('\n') }),
  'an error in the stream': () => ({
    raw: [`data: ${JSON.stringify({ error: { message: CANARY, code: CANARY } })}\n\n`],
  }),
  'no stream at all': () => ({ raw: [`<html>${CANARY}</html>`], headers: { 'content-type': 'text/html' } }),
  'why it ended': () => ({ text: 'so', finish: CANARY }),
  usage: () => ({ text: 'so', usage: { prompt_tokens: 1, completion_tokens: 1, [CANARY]: CANARY } as never }),
  'model and id': () => ({
    raw: [
      `data: ${JSON.stringify({ id: CANARY, model: CANARY, choices: [{ index: 0, delta: { content: 'so' }, finish_reason: 'stop' }] })}\n\n`,
      'data: [DONE]\n\n',
    ],
  }),
  'a tool that nobody has': (_asked, index) =>
    index === 0 ? { calls: [{ name: CANARY, args: {}, id: CANARY }] } : 'so',
  'arguments of a tool': (_asked, index) =>
    index === 0 ? { calls: [{ name: 'read_file', args: { path: CANARY } }] } : 'so',
  'arguments that are no JSON': (_asked, index) =>
    index === 0 ? { calls: [{ name: 'read_file', args: `{"path": "${CANARY}` }] } : 'so',
};

test('a model server that says the key again, in whatever way', async (t) => {
  let answering: Answering = () => 'fine';
  let first = 0;
  const { scene, watch, models } = await watched(t, (asked, index) => answering(asked, index - first), {
    OPENAI_API_KEY: CANARY,
  });
  addFiles(scene, 'reader', {
    'agents.yaml':
      'agents: { reader: { role: Reader, tools: [read_file] } }\nsteps: [{ agent: reader, action: "Read {{it}}." }]\n',
  });
  const ids: string[] = [];
  for (const [way, answers] of Object.entries(ECHOES)) {
    [answering, first] = [answers, models.asked.length];
    const { task_id: id } = await watch.cli<Task>('submit', '--recipe', 'reader', '--input', 'it', '--wait');
    assert.ok(models.asked.length > first, way);
    assert.equal(models.asked.at(-1)?.headers.authorization, `Bearer ${CANARY}`);
    ids.push(id);
  }
  assert.deepEqual(await watch.readable(...ids), []);
});

test('addresses that hold one are refused without showing it', async (t) => {
  const { watch } = await watched(t);
  const secret = encodeURIComponent(CANARY);
  const bad = [
    `http://me:${secret}@127.0.0.1:9/v1`,
    `http://127.0.0.1:9/v1?key=${secret}`,
    `http://127.0.0.1:9/v1#${secret}`,
  ];
  for (const name of ['OFFSTAGE_BASE_URL', 'OPENAI_BASE_URL', 'OPENAI_API_BASE', 'OLLAMA_HOST']) {
    // of Ollama's a word is a host
    for (const address of [...bad, `me:${secret}@127.0.0.1`, ...(name === 'OLLAMA_HOST' ? [] : [CANARY])]) {
      const env = { OPENAI_BASE_URL: '', OPENAI_API_KEY: '', [name]: address };
      set(watch.scene, env);
      const { code } = await watch.cli<{ code: string }>('submit', '--prompt', 'hi');
      assert.equal(code, 'invalid_argument', `${name}=${address}`);
      set(watch.scene, { [name]: '' });
    }
  }
  assert.deepEqual(await watch.readable(), []);
});

test('conversations, and who is woken by an end', async (t) => {
  const { scene, watch, models } = await watched(t, () => ({ pieces: sixes(`it is ${CANARY}`) }), {
    OPENAI_API_KEY: CANARY,
  });
  const said = await watch.cli<Task>('submit', '--prompt', 'Which key?', '-s', 'chat', '--wait');
  assert.equal(said.result, 'it is ***');
  const again = await watch.cli<Task>('submit', '--prompt', 'Again?', '-s', 'chat', '--wait');
  const verbs = await scene.project.verbs(t);
  const onComplete = { submit: { prompt: 'What became of it?', name: 'woken', sessionId: 'chat' } };
  const [begun] = await verbs.submit([{ prompt: 'And now?', sessionId: 'chat', onComplete }]);
  const woken = await until(
    async () => {
      const { tasks } = await watch.cli<{ tasks: (Task & { name: string })[] }>('list', '--name', 'woken');
      return tasks.find(({ status }) => status === 'completed');
    },
    { what: 'the end of what is woken' },
  );
  await watch.cli('session', 'chat');
  assert.deepEqual(await watch.readable(said.task_id, again.task_id, begun?.task_id ?? '', woken.task_id), []);
  assert.deepEqual(readableIn(bodiesOf(models)), [], 'what is said again is what was kept');
});

/** Its forms are made there: what a recipe's files hold is readable, of course. */
const SHOUTS = `import base64, json, os, sys, urllib.parse
key = os.environ["SECRET"]
raw = key.encode()
forms = [json.dumps(key), json.dumps(json.dumps(key)), raw.hex(), raw.hex().upper(), urllib.parse.quote(key, safe="")]
forms += [base64.b64encode(b":" * n + raw).decode() for n in range(3)] + [base64.urlsafe_b64encode(raw).decode()]
print("::progress 0.5", key)
for form in forms: print(form, file=sys.stderr)
print(json.dumps({"key": key, "forms": forms, key: 1}))
`;

test('a command, with its variables by name and with all of them', async (t) => {
  const { scene, watch } = await watched(t, undefined, { SECRET: CANARY });
  const ids: string[] = [];
  for (const [name, runtime] of Object.entries({ named: '', inherits: 'runtime: { env: inherit }\n' })) {
    const template = `command: [python3, shouts.py]\nrequires: { env: [SECRET] }\n${runtime}`;
    addFiles(scene, name, { 'TEMPLATE.yaml': template, 'shouts.py': SHOUTS });
    const done = await watch.cli<Task>('submit', '--recipe', name, '--wait');
    assert.equal(done.status, 'completed', done.error?.message);
    ids.push(done.task_id);
  }
  assert.deepEqual(await watch.readable(...ids), []);
});

test('agents in code: questions, logs, steps, names', async (t) => {
  const { scene, watch } = await watched(t, undefined, { SECRET: CANARY });
  addFiles(scene, 'code', {
    'TEMPLATE.yaml': 'requires: { env: [SECRET] }\n',
    'recipe.mjs': `const key = process.env.SECRET;
export default async (_, ctx) => {
  ctx.log(key);
  ctx.progress(0.1, key, { [key]: key });
  await ctx.step('look ' + key, () => ({ key }));
  await ctx.requestInput({ key: 'may ' + key, message: 'May I use ' + key + '?', schema: { type: 'object', description: key } });
  for (const six of key.match(/[^]{1,6}/g)) ctx.output(six);
  ctx.usage({ inputTokens: 1, model: key });
  throw Object.assign(new Error('it is ' + key, { cause: new Error(key) }), { key });
};
`,
  });
  const { task_id: id } = await watch.cli<Task>('submit', '--recipe', 'code');
  const question = await until(
    async () => {
      const task = await watch.cli<Task>('status', id);
      return task.status === 'pending' || task.status === 'running'
        ? undefined
        : (Object.keys(task.input_requests)[0] ?? task.error?.message);
    },
    { what: 'the question' },
  );
  assert.equal((await watch.cli<{ ok: boolean }>('respond', id, question, '--accept', '{}')).ok, true);
  const done = await watch.cli<Task>('wait', id);
  assert.match(String(done.error?.message), /^it is \*\*\*$/);
  assert.deepEqual(await watch.readable(id), []);
});
