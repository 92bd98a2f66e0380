/** What a terminal shows while tasks are waited for and watched: lines in place, and questions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { type Look, USUAL } from '#offstage/cli/human/look.js';
import { liveLine } from '#offstage/cli/live/line.js';
import { Screen } from '#offstage/cli/live/screen.js';
import type { ClientOptions, Verbs } from '#offstage/client/index.js';
import { ConflictError, InvalidArgumentError } from '#offstage/errors/index.js';
import type { TaskPage } from '#offstage/wire/answers.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { Glass } from '../../cli/screen.js';
import { cli, done, failed, ID, OTHER, taskOf } from './fake.js';

/** A screen on a glass, and how often something was written. */
function screenOn(rows: number, columns: number) {
  const glass = new Glass(rows, columns);
  const out = { isTTY: true, rows, columns, closed: false, writes: 0, on: glass, onResize: () => () => {}, write };
  function write(text: string): void {
    out.writes += 1;
    out.on.write(text.replaceAll('\n', '\r\n')); // as the terminal's driver does
  }
  return { glass, out, screen: new Screen(out) };
}

test('a frame takes the place of the one before, in one write, and what is above stays', () => {
  const { glass, out, screen } = screenOn(10, 20);
  out.write('above\n');
  screen.draw(['one', 'two', 'three']);
  screen.draw(['1', '日本']);
  assert.deepEqual(glass.lines, ['above', '1', '日本', '']);
  assert.deepEqual(glass.cursor, { row: 3, column: 0 });
  assert.equal(out.writes, 3);
  screen.draw(['1', '日本']);
  assert.equal(out.writes, 3, 'nothing is written for what is there already');
  screen.draw(['x'.repeat(20), 'y']);
  screen.draw(['z'.repeat(20), 'y']);
  assert.deepEqual(glass.lines, ['above', 'z'.repeat(20), 'y', ''], 'also where a line fills the terminal');
  screen.erase();
  out.write('below\n');
  assert.deepEqual(glass.lines, ['above', 'below', '']);
  assert.deepEqual(glass.unknown, []);
});

test('a frame has fewer lines than the terminal, so that nothing scrolls away', () => {
  const { glass, screen } = screenOn(5, 20);
  const lines = Array.from({ length: 9 }, (_, n) => `line ${n}`);
  for (const frame of [lines, lines.toReversed(), lines]) screen.draw(frame);
  assert.deepEqual(glass.lines, ['line 0', 'line 1', 'line 2', 'line 3', '']);
  assert.deepEqual(glass.past, []);
});

test('a narrower terminal breaks what was drawn, and the next frame covers all of it', () => {
  const { out, screen } = screenOn(10, 40);
  screen.draw(['a'.repeat(35), 'b'.repeat(5)]);
  out.columns = 20;
  const narrow = new Glass(10, 20).write(`above\r\n${'a'.repeat(35)}\r\n${'b'.repeat(5)}\r\n`);
  out.on = narrow;
  screen.draw(['a'.repeat(20), 'b'.repeat(5)]);
  assert.deepEqual(narrow.lines, ['above', 'a'.repeat(20), 'bbbbb', '']);
});

const PLAIN: Look = { columns: 80, color: false, fancy: false, utf8: false };
const NOW = Date.parse('2026-01-31T10:00:30.000Z');
const running = taskOf({
  status: 'running',
  progress: 0.45,
  progress_message: 'step 2 of 4',
  duration: 45,
  task_status: { kind: 'running' },
});

test('a line says who, what, how far and since when, at any width', () => {
  assert.equal(
    liveLine(running, USUAL, 100, NOW),
    '🔄 [9f1c20ab] my-recipe - running (45s) 45% ██████░░░░░░░░ step 2 of 4',
  );
  assert.equal(liveLine(running, PLAIN, 79, NOW), '> [9f1c20ab] my-recipe - running (45s) 45% [###....] step 2 of 4');
  const queued = taskOf({ status: 'pending', task_status: { kind: 'queued' } });
  assert.equal(liveLine(queued, USUAL, 79, NOW), '⏳ [9f1c20ab] my-recipe - pending (30s)');
  assert.equal(
    liveLine({ ...failed(), duration: 3 }, USUAL, 79, NOW),
    '❌ [9f1c20ab] my-recipe - failed: model unavailable (3s)',
  );
  assert.equal(liveLine({ ...running, progress: 1 }, PLAIN, 79, NOW).includes('[#######]'), true);
  assert.equal(liveLine({ ...running, progress: 0.999 }, PLAIN, 79, NOW).includes('.]'), true, 'full only at the end');
  for (let width = 30; width < 120; width += 1) {
    for (const task of [running, queued, failed(), { ...running, name: '日本語'.repeat(9) }]) {
      const line = liveLine(task, USUAL, width, NOW);
      assert.ok(stringWidth(line) <= width, `${stringWidth(line)} > ${width}: ${line}`);
      assert.match(line, new RegExp(` - ${task.status}`), 'the state never gives way');
    }
  }
  const nasty = liveLine({ ...running, progress_message: 'a\x1b[2Jb' }, USUAL, 100, NOW);
  assert.match(nasty, / a\\x1b\[2Jb$/);
});

/** A wait that sees these tasks one after the other, each once what it has led to is over. */
function seen(...looks: readonly (readonly TaskJson[])[]): Verbs['wait'] {
  return async (_ids, options) => {
    for (const tasks of looks) {
      options?.onLook?.([...tasks]);
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    }
    return { tasks: [...(looks.at(-1) ?? [])], wait_status: 'ok' };
  };
}

const glassOf = (text: string): Glass => new Glass(24, 80).write(text.replaceAll('\n', '\r\n'));

test('wait shows its lines in place and takes them away; nothing of it is seen when piped, dumb or quiet', async () => {
  const wait = seen([running], [{ ...running, progress: 0.9 }], [done(1)]);
  const argv = ['background', 'wait', ID];
  const ran = await cli(argv, { verbs: { wait }, tty: true, columns: 80, rows: 24, env: { NO_COLOR: '1' } });
  assert.match(ran.stderr, /running \(45s\) 45%.*running \(45s\) 90%.*completed/s);
  assert.equal(glassOf(ran.stderr).text, `Waiting for ${ID}; Ctrl-C ends the wait only`);
  assert.equal(ran.stderr.includes('\x1b[?'), false, 'the cursor is never hidden');
  for (const [more, setup] of [
    [[], { tty: false }],
    [[], { tty: true, env: { TERM: 'dumb' } }],
  ] as const) {
    const plain = await cli([...argv, ...more], { verbs: { wait }, ...setup });
    assert.equal(plain.stderr, `Waiting for ${ID}; Ctrl-C ends the wait only\n`);
  }
  const quiet = await cli([...argv, '--quiet'], { verbs: { wait }, tty: true });
  assert.equal(quiet.stderr, '');
});

test('where there are more tasks than lines, those that go on are shown', async () => {
  const tasks = Array.from({ length: 9 }, (_, n) => ({
    ...(n < 4 ? { ...done(1), task_status: { ...done(1).task_status, terminal: true } } : running),
    task_id: `task_${n}${'0'.repeat(31)}`,
  }));
  const ids = tasks.map(({ task_id }) => task_id);
  let glass = new Glass(6, 80);
  const wait: Verbs['wait'] = async (_ids, options) => {
    options?.onLook?.(tasks);
    return { tasks, wait_status: 'ok' };
  };
  const ran = await cli(['background', 'wait', ...ids], { verbs: { wait }, tty: true, rows: 6, columns: 80 });
  const frame = ran.stderr.slice(0, ran.stderr.lastIndexOf('\r'));
  glass = glass.write(frame.replaceAll('\n', '\r\n'));
  assert.deepEqual(glass.lines.map((line) => line.slice(0, 7)).filter(Boolean), [
    '🔄 [400',
    '🔄 [500',
    '🔄 [600',
    '🔄 [700',
    'and 5 m',
  ]);
});

test('a warning that comes meanwhile stands above the lines', async () => {
  const wait: Verbs['wait'] = async (_ids, options) => {
    options?.onLook?.([running]);
    opened[0]?.onWarning?.('no worker could be started');
    options?.onLook?.([{ ...running, progress: 0.9 }]);
    options?.onLook?.([{ ...running, progress: 0.95 }]);
    return { tasks: [done(1)], wait_status: 'ok' };
  };
  const opened: ClientOptions[] = [];
  const setup = { verbs: { wait }, opened, tty: true, rows: 24, columns: 80, env: { NO_COLOR: '1' } };
  const ran = await cli(['background', 'wait', ID], setup);
  const frame = ran.stderr.slice(0, ran.stderr.lastIndexOf('\r'));
  assert.deepEqual(
    glassOf(frame).lines.map((line) => line.slice(0, 34)),
    [`Waiting for ${ID.slice(0, 22)}`, 'warning: no worker could be starte', '🔄 [9f1c20ab] my-recipe - running ', ''],
  );
});

const asking = (schema?: unknown, key = 'approval'): TaskJson =>
  taskOf({
    status: 'input_required',
    input_requests: {
      [key]: { message: 'Deploy\x1b?', requested_at: '2026-01-31T10:00:00.000Z', ...(schema ? { schema } : {}) },
    },
  });

type Given = [string, string, { action: string; content?: unknown }][];

async function answered(schema: unknown, typed: readonly string[], ...looks: readonly TaskJson[]) {
  const given: Given = [];
  const respond: Verbs['respond'] = async (id, key, answer) => {
    given.push([id, key, answer]);
    if (answer.content === 'bad') throw new InvalidArgumentError('content: is bad');
    if (answer.content === 'late') throw new ConflictError('approval is not open');
    return done(1);
  };
  const all = looks.length > 0 ? looks : [asking(schema), done(1)];
  const wait = seen(...all.map((task) => [task]));
  const setup = { verbs: { wait, respond }, typed, tty: true, columns: 80, env: { TERM: 'dumb' } };
  const ran = await cli(['background', 'wait', ID], setup);
  return { ran, given: given.map(([, , answer]) => answer) };
}

const REMEMBERED = { type: ['object', 'null'], properties: { remember: { type: 'boolean' } } };

for (const [schema, typed, answer] of [
  [{ type: 'boolean' }, ['maybe', 'Yes'], { action: 'accept', content: true }],
  [{ type: 'boolean' }, ['n'], { action: 'accept', content: false }],
  [{ enum: ['blue', 'green'] }, ['red', '2'], { action: 'accept', content: 'green' }],
  [{ enum: ['blue', 'green'] }, [' blue '], { action: 'accept', content: 'blue' }],
  [{ enum: [3, 2, 1] }, ['1'], { action: 'accept', content: 1 }],
  [{ oneOf: [{ const: 'a', title: 'Apple' }, { const: 'b' }] }, ['Apple'], { action: 'accept', content: 'a' }],
  [{ type: 'integer' }, ['1.5', 'x', '7'], { action: 'accept', content: 7 }],
  [{ type: 'number' }, ['', '1.5'], { action: 'accept', content: 1.5 }],
  [{ type: 'string' }, ['  as it is '], { action: 'accept', content: '  as it is ' }],
  [{ type: 'string' }, ['//path'], { action: 'accept', content: '/path' }],
  [{ type: 'string', default: 'std' }, [''], { action: 'accept', content: 'std' }],
  [{ type: 'object' }, ['{a}', '{"a": 1}'], { action: 'accept', content: { a: 1 } }],
  [{ type: 'array' }, ['[1]'], { action: 'accept', content: [1] }],
  [undefined, ['{"a": 1}'], { action: 'accept', content: { a: 1 } }],
  [undefined, ['a text'], { action: 'accept', content: 'a text' }],
  [undefined, ['/nope', '/decline'], { action: 'decline' }],
  [{ type: ['object', 'null'] }, ['maybe', 'Y'], { action: 'accept', content: {} }],
  [{ type: ['object', 'null'] }, ['y always', 'n'], { action: 'decline' }],
  [REMEMBERED, ['y always', 'y remember'], { action: 'accept', content: { remember: true } }],
  [REMEMBERED, ['{"remember": false}'], { action: 'accept', content: { remember: false } }],
  [{ type: 'boolean' }, ['/cancel'], { action: 'cancel' }],
] as const) {
  test(`a question with schema ${JSON.stringify(schema)} is answered by ${JSON.stringify(typed.at(-1))}`, async () => {
    const { ran, given } = await answered(schema, typed);
    assert.deepEqual(given, [answer]);
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /\[9f1c20ab\] my-recipe asks \(approval\):\n {2}Deploy\\x1b\?\n/);
    assert.equal(ran.stderr.split('> ').length - 1, typed.length, 'what is no answer is asked again');
  });
}

test('what the store refuses is told: a wrong answer is asked again, one that came too late is not', async () => {
  const wrong = await answered({ type: 'string' }, ['bad', 'good']);
  assert.deepEqual(
    wrong.given.map(({ content }) => content),
    ['bad', 'good'],
  );
  assert.match(wrong.ran.stderr, /> bad\ncontent: is bad\n> good\n/);
  const late = await answered({ type: 'string' }, ['late', 'never typed'], asking(), asking(), done(1));
  assert.deepEqual([late.given.length, late.ran.code], [1, 0]);
  assert.match(late.ran.stderr, /approval is not open\n$/);
});

test('an answer can wait: /later, or an end of the input, says how to give it and is not asked again', async () => {
  for (const typed of [['/later'], []]) {
    const { ran, given } = await answered({ type: 'boolean' }, typed, asking(), asking(), done(1));
    assert.deepEqual([given, ran.code], [[], 0]);
    assert.equal(ran.stderr.split('> ').length - 1, 1);
    assert.match(ran.stderr, new RegExp(`Answer it later: offstage background respond ${ID} approval --accept JSON`));
  }
  const { ran } = await answered(undefined, ['/later', 'yes'], asking(), asking(undefined, 'other'), done(1));
  assert.match(ran.stderr, /asks \(approval\).*asks \(other\)/s, 'another question is asked');
});

test('nobody is asked with --no-input, with --json, where stdin or stderr is no terminal, or in the background', async () => {
  const respond = async (): Promise<never> => assert.fail('nobody answered');
  const wait = seen([asking()], [done(1)]);
  for (const [argv, setup] of [
    [['wait', ID, '--no-input'], { tty: true, typed: ['y'] }],
    [['wait', ID, '--json'], { tty: true, typed: ['y'] }],
    [['wait', ID, '--quiet'], { tty: true, typed: ['y'] }],
    [['wait', ID], { tty: true }],
    [['wait', ID], { typed: ['y'] }],
    [['submit', '--recipe', 'r', '--wait', '--no-input'], { tty: true, typed: ['y'] }],
  ] as const) {
    const verbs = { wait, respond, submit: async () => [taskOf({ status: 'pending' })] };
    const ran = await cli(['background', ...argv], { verbs, env: { TERM: 'dumb' }, ...setup });
    assert.equal(ran.code, 0);
    assert.equal(ran.stderr.includes('asks ('), false);
  }
});

test('submit --wait and recipe run show and ask as wait does', async () => {
  for (const argv of [
    ['background', 'submit', '--recipe', 'r', '--wait'],
    ['recipe', 'run', 'r'],
  ]) {
    const given: unknown[] = [];
    const verbs: Partial<Verbs> = {
      submit: async () => [taskOf({ status: 'pending' })],
      wait: seen([running], [asking({ type: 'boolean' })], [done('out')]),
      respond: async (_id, _key, answer) => {
        given.push(answer.content);
        return done(1);
      },
    };
    const ran = await cli(argv, { verbs, tty: true, columns: 80, rows: 24, typed: ['y'] });
    assert.deepEqual([given, ran.stdout, ran.code], [[true], 'out\n', 0]);
    const text = glassOf(ran.stderr).lines;
    assert.deepEqual(text.slice(1, 3), ['[9f1c20ab] my-recipe asks (approval):', '  Deploy\\x1b?']);
    assert.deepEqual(text.slice(-2), ['> y', ''], 'the question stays, the line is gone');
  }
});

const pageOf = (tasks: TaskJson[]): TaskPage => ({
  tasks,
  page: 1,
  page_size: 20,
  total: tasks.length,
  total_exact: true,
  counts: { pending: 0, running: 1, input_required: 0, completed: tasks.length - 1, failed: 0, cancelled: 0 },
  next: null,
});

/** Rings so many times; then the person has seen enough. */
function watching(pages: readonly TaskPage[]) {
  let at = 0;
  let interrupt: (() => void) | undefined;
  const verbs: Partial<Verbs> = {
    store: '/nowhere/.offstage/tasks.db',
    async list() {
      return pages[Math.min(at++, pages.length - 1)] as TaskPage;
    },
    async *changes() {
      for (const _ of pages) yield;
      interrupt?.();
    },
  };
  const onSignal = (listener: (signal: 'SIGINT') => void): void => {
    interrupt = () => listener('SIGINT');
  };
  return { verbs, onSignal };
}

test('list --watch redraws in place, and Ctrl-C leaves the last list and a cursor below it', async () => {
  const one = pageOf([running]);
  const two = pageOf([
    { ...running, progress: 0.9 },
    { ...done(1), task_id: OTHER },
  ]);
  const setup = { tty: true, columns: 70, rows: 12, env: { NO_COLOR: '1' }, ...watching([one, two]) };
  const ran = await cli(['background', 'list', '--watch'], setup);
  const glass = new Glass(12, 70).write(ran.stdout.replaceAll('\n', '\r\n'));
  assert.equal(glass.lines.length, 6);
  assert.match(glass.lines[0] as string, /^╭─ Background Tasks ─+╮$/);
  assert.match(glass.lines[3] as string, /^╰─+╯$/);
  assert.deepEqual(glass.lines.slice(4), ['2 tasks: 1 running, 1 completed', '']);
  assert.match(glass.lines[1] as string, /running \(45s\) 90%/);
  assert.deepEqual([glass.cursor, glass.past], [{ row: 5, column: 0 }, []]);
  assert.match(ran.stderr, /^error: stopped watching; the tasks go on\nGo on: offstage background list --watch\n$/);
  assert.equal(ran.code, 130);
  const asked = ran.calls.filter(([name]) => name === 'list').map(([, filter]) => filter);
  assert.deepEqual(asked, [{ pageSize: 8 }, { pageSize: 8 }], 'no more than there is room for');
});

test('piped, list --watch prints the list again when more than the time has changed; with --json a line each', async () => {
  const one = pageOf([running]);
  const later = pageOf([{ ...running, duration: 46 }]);
  const two = pageOf([{ ...running, progress: 0.9 }]);
  for (const env of [{}, { TERM: 'dumb' }]) {
    const tty = env.TERM !== undefined;
    const ran = await cli(['background', 'list', '--watch'], { tty, env, ...watching([one, later, two]) });
    const texts = ran.stdout.split('\n\n');
    assert.deepEqual(
      texts.map((text) => / \(45s\) (\d+)%/.exec(text)?.[1]),
      ['45', '90'],
    );
    assert.equal(ran.stdout.includes('\x1b'), false);
    assert.equal(ran.code, 130);
  }
  const json = await cli(['background', 'list', '--watch', '--json'], watching([one, later, two]));
  const documents = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(documents.slice(0, 2), [
    { ok: true, ...one },
    { ok: true, ...two },
  ]);
  assert.deepEqual([documents[2]?.code, documents.length, json.stderr], ['interrupted', 3, '']);
  const full = await cli(['background', 'list', '--watch'], { closedAfter: 3, ...watching([one, two]) });
  assert.equal(full.code, 0, 'nobody reads any more');
});
