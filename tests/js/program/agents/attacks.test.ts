/**
 * What comes from files, inputs and models that mean harm: generated from tables, and for paths from random parts by a printed
 * seed (SEED=… runs it again). Nothing outside of the roots is read or written, and no refusal costs more than 100 ms of the
 * processor.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TaskError } from '#offstage/errors/index.js';
import { filled } from '#offstage/program/agents/placeholders.js';
import { readPlan } from '#offstage/program/agents/read-file.js';
import { Scope } from '#offstage/program/agents/scope.js';
import { settleFolder } from '#offstage/program/agents/settle.js';
import { getPage } from '#offstage/program/agents/tools/guarded-request.js';
import { toolNamed } from '#offstage/program/agents/tools/toolbox.js';
import { programFolder } from '#offstage/program/contain.js';
import { rejection, tempFolder, write } from '../../recipe/helpers.js';
import { randomOf } from '../../worker/mask/random.js';
import { FIELDS, ODD_NAMES, ODD_PATHS, ODD_URLS, ODD_YAML, WRONG } from './attacks.js';
import { Models } from './models.js';
import { stage } from './stage.js';

const MOST_CPU = 100_000; // microseconds
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Counts cases, and how much of the processor the dearest one took. */
class Count {
  cases = 0;
  #dearest = 0;

  async of<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const answer = await work();
    const { user, system } = process.cpuUsage(before);
    this.cases += 1;
    this.#dearest = Math.max(this.#dearest, user + system);
    assert.ok(user + system < MOST_CPU, `${what.slice(0, 200)}: ${(user + system) / 1000} ms of the processor`);
    return answer;
  }

  tell(t: TestContext, least: number): void {
    assert.ok(this.cases >= least, `${this.cases} cases`);
    t.diagnostic(`${this.cases} cases, the dearest ${(this.#dearest / 1000).toFixed(1)} ms of the processor`);
  }
}

const refused = (text: string): TaskError => {
  try {
    readPlan(text, 'agents.yaml', 'sample');
  } catch (error) {
    return error as TaskError;
  }
  throw new Error(`it was read: ${text.slice(0, 200)}`);
};

test('YAML that is no recipe is refused with file and line, whatever it is', async (t) => {
  const count = new Count();
  for (let round = 0; round < 20; round += 1) refused(`agents: { a: { rol: 5, goal: [${'[]'.repeat(round)}`); // what loads is not counted
  for (const [what, text] of ODD_YAML) {
    const error = await count.of(what, () => refused(text));
    assert.equal(error.code, 'recipe_invalid', what);
  }
  for (const [what, value, yaml] of FIELDS.flatMap(([field, fits, yaml]) =>
    WRONG.filter(([kind]) => !fits.includes(kind)).map(([, value]) => [field, value, yaml] as const),
  )) {
    const error = await count.of(`${what}: ${value}`, () => refused(yaml(value)));
    const [first] = (error as unknown as { errors: { path: string; line?: number; message: string }[] }).errors;
    assert.deepEqual([error.code, first?.path], ['recipe_invalid', 'agents.yaml'], `${what}: ${value}`);
    assert.ok((first?.line ?? 0) > 0, `${what}: ${value} has no line: ${first?.message}`);
  }
  count.tell(t, 150);
});

test('names lead to no other folder: of what is included, and of what is linked', async (t) => {
  const count = new Count();
  const temp = tempFolder(t);
  const agent = 'agents: { a: { role: R } }\nsteps:\n  - { agent: a, action: x }\n';
  write(join(temp, 'outside'), { 'agents.yaml': agent, 'tools.py': 'def leak(): pass' });
  const settle = (files: Record<string, string>, link?: [from: string, to: string]) => {
    const root = join(temp, `recipes${count.cases}`, 'sample');
    write(root, files);
    if (link) symlinkSync(link[1], join(root, link[0]));
    return rejection(
      settleFolder(programFolder(root, 'sample'), 'agents.yaml', {
        env: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OFFSTAGE_MODEL: 'x' },
        cwd: temp,
        config: {},
        asked: {},
        input: { given: {} },
        needs: [],
        now: 0,
        seconds: () => 1,
        find: (name) => Promise.reject(Object.assign(new Error(`no recipe '${name}'`), { code: 'recipe_not_found' })),
      }),
    ) as Promise<TaskError>;
  };
  for (const name of ODD_NAMES) {
    const yaml = `${agent}  - { include: ${JSON.stringify(name)} }\n`;
    const { code } = await count.of(`include ${name}`, () => settle({ 'agents.yaml': yaml }));
    assert.ok(['recipe_invalid', 'recipe_not_found', 'policy_denied'].includes(code), `${name}: ${code}`);
  }
  for (const [file, target] of [
    ['agents.yaml', join(temp, 'outside', 'agents.yaml')],
    ['agents.yaml', '../../outside/agents.yaml'],
    ['tools.py', join(temp, 'outside', 'tools.py')],
    ['agents.yaml', '/etc/passwd'],
  ] as const) {
    const files = file === 'agents.yaml' ? { 'x.txt': '' } : { 'agents.yaml': agent };
    const { code } = await count.of(`${file} to ${target}`, () => settle(files, [file, target]));
    assert.equal(code, 'policy_denied', `${file} to ${target}`);
  }
  count.tell(t, 25);
});

test('placeholders reach neither prototypes nor what other values contain', async (t) => {
  const count = new Count();
  const heads = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'x'];
  const tails = ['', '.__proto__', '.constructor', '.constructor.name', '.prototype', '.length', '.0.__proto__'];
  const scope = new Scope({ text: '{{secret}}', secret: 's', list: ['{{secret}}'], map: { a: '{{ secret }}' } });
  for (const path of [...heads, 'text', 'list', 'map'].flatMap((head) => tails.map((tail) => head + tail))) {
    if (['text', 'list', 'map'].includes(path)) continue;
    const fill = () => filled(`{{${path}}}`, scope, () => new Error('unset'));
    await count.of(path, () => assert.throws(fill, { message: 'unset' }, path));
  }
  for (const text of [
    '{{}}',
    '{{ }}',
    '{{#if x}}',
    '{{/if}}',
    '{{a b}}',
    '{{1}}',
    '{ {secret} }',
    '{secret}',
    ['$', '{secret}'].join(''),
  ])
    await count.of(text, () =>
      assert.equal(
        filled(text, scope, () => new Error('unset')),
        text,
      ),
    );
  for (const [path, text] of [
    ['text', '{{secret}}'],
    ['list', '["{{secret}}"]'],
    ['map.a', '{{ secret }}'],
  ] as const) {
    await count.of(path, () =>
      assert.equal(
        filled(`{{${path}}}`, scope, () => new Error('unset')),
        text,
      ),
    );
  }
  count.tell(t, 75);
});

/** A working folder with every kind of way out, and what is not to be reached. */
function trap(t: TestContext) {
  const temp = tempFolder(t);
  const [folder, outside] = [join(temp, 'here'), join(temp, 'outside')];
  const kept = { '.env': 'SECRET', '.git/config': 'SECRET', 'sub/.ssh/id_rsa': 'SECRET', 'key.pem': 'SECRET' };
  write(folder, { 'a.txt': 'a', 'sub/b.txt': 'b', ...kept, '.env.local': 'SECRET', '.offstage/tasks.db': 'SECRET' });
  write(outside, { 'secret.txt': 'SECRET', '.env': 'SECRET' });
  symlinkSync(outside, join(folder, 'dir-link'));
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'file-link'));
  symlinkSync('.env', join(folder, 'env-link'));
  symlinkSync('/proc/self/environ', join(folder, 'environ-link'));
  linkSync(join(outside, 'secret.txt'), join(folder, 'second-name'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const before = contents(outside);
  return { folder, outside, unchanged: () => assert.deepEqual(contents(outside), before) };
}

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

test('paths of a model: by table, and by random parts', async (t) => {
  const count = new Count();
  const { folder, outside, unchanged } = trap(t);
  const { signal } = new AbortController();
  const tools = ['read_file', 'list_files', 'write_file'].map((name) => toolNamed(name, { folder, recipe: undefined }));
  const attempt = async (path: string) => {
    for (const tool of tools) {
      const args = tool?.name === 'write_file' ? { path, content: 'PLANTED' } : { path };
      const said = await count.of(`${tool?.name} ${JSON.stringify(path)}`, () =>
        Promise.resolve(tool?.run(args, signal)).catch((error: Error) => `refused: ${error.message}`),
      );
      // a second name of a file inside is a file inside: it is read, and never written
      if (!(tool?.name === 'read_file' && /second-name$/.test(path)))
        assert.doesNotMatch(String(said), /SECRET|root:|PATH=/, `${tool?.name} ${path}`);
    }
  };
  for (const path of ODD_PATHS(outside)) await attempt(path);
  const random = randomOf(SEED);
  t.diagnostic(`SEED=${SEED}`);
  const parts = [
    '..',
    '.',
    '',
    'sub',
    'dir-link',
    'file-link',
    'env-link',
    '.env',
    '.git',
    'a.txt',
    'outside',
    'secret.txt',
  ];
  for (let round = 0; round < 60; round += 1) {
    const length = 1 + random.below(5);
    const path = Array.from({ length }, () => random.pick(parts)).join('/');
    await attempt((random.below(4) === 0 ? `${folder}/` : '') + path);
  }
  unchanged();
  for (const name of ['.env', '.env.local', 'key.pem', '.git/config', 'sub/.ssh/id_rsa', '.offstage/tasks.db'])
    assert.equal(readFileSync(join(folder, name), 'utf8'), 'SECRET', name);
  count.tell(t, 250);
});

test('addresses of a model: nothing is connected to', async (t) => {
  const count = new Count();
  const { signal } = new AbortController();
  await rejection(getPage('no address', signal));
  for (const url of ODD_URLS) {
    const { message } = await count.of(url, () => rejection(getPage(url, signal)));
    assert.match(message, /this machine or its networks|no http\(s\) address|with a user in it/, url);
  }
  count.tell(t, 35);
});

test('arguments of a model: what does not fit is told to it, and no tool runs', async (t) => {
  const count = new Count();
  const odd = ['null', '[]', '5', '"x"', 'true', '{', '{"path":5}', '{"path":null}', '{"path":["a"]}', '{"path":{}}'];
  const more = [
    '{"other":1}',
    '{"__proto__":{"path":"a"}}',
    '{"constructor":1}',
    '{}{}',
    'NaN',
    "{'path':'a'}",
    '\u0000',
  ];
  const names = ['read_file', 'write_file', 'shell_tool', 'web_crawl', 'no_tool', '__proto__', 'constructor', ''];
  const calls = names.flatMap((name) => [...odd, ...more].map((args) => ({ name, args })));
  const batches = Array.from({ length: Math.ceil(calls.length / 100) }, (_, index) =>
    calls.slice(index * 100, index * 100 + 100),
  );
  const models = await Models.start(t, (_asked, index) => {
    const batch = batches[index];
    return batch === undefined ? 'done' : { calls: batch.map((call, at) => ({ ...call, id: `${index}_${at}` })) };
  });
  const tools = 'read_file, write_file, shell_tool, web_crawl';
  const staged = stage(t, models, `agents: { a: { tools: [${tools}] } }\nsteps: [{ agent: a, action: Go. }]\n`, {
    asked: { allowTools: ['write_file', 'shell_tool', 'web_crawl'] },
  });
  assert.equal(await staged.run(), 'done');
  const told = models.asked.at(-1)?.body.messages.filter(({ role }) => role === 'tool') ?? [];
  assert.equal(told.length, calls.length);
  for (const [index, { content }] of told.entries()) {
    count.cases += 1;
    assert.match(
      content ?? '',
      /^Error: (arguments|the arguments are no JSON|there is no tool)/,
      JSON.stringify(calls[index]),
    );
  }
  assert.deepEqual(readdirSync(staged.folder), ['package.json']);
  count.tell(t, 130);
});
