/**
 * An agent of a framework as a recipe whose tool wants approval: asked, answered when every process is dead, resumed; what it says
 * comes as output, what it used is counted, and a cancel closes its connection.
 *
 *   node approvals.mjs NAME        `payers/NAME.mjs` is the recipe
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPayments } from './payments.mjs';

const CLI = resolve('node_modules/offstage/cli/offstage.cjs');
const name = process.argv[2];
const isProgram = () => IS_PROGRAM.has(name);
/** Who starts a program in place of a model call: what it is asked is in a file, and it asks once. */
const IS_PROGRAM = new Set(['claude']);
/** Who says what was used when the agent has ended, and not before. */
const TELLS_LATE = new Set(['mastra', ...IS_PROGRAM]);
const project = mkdtempSync(join(process.cwd(), 'project-')); // below the packages, so that modules in it find them
const recipe = join(project, 'recipes/payer');
const models = await startPayments();
const env = { PATH: process.env.PATH, HOME: project, MODELS_URL: models.url, PROJECT: project };

mkdirSync(recipe, { recursive: true });
writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
writeFileSync(join(recipe, 'TEMPLATE.yaml'), 'requires: { env: [MODELS_URL, { name: PROJECT, secret: false }] }\n');
copyFileSync(`payers/${name}.mjs`, join(recipe, 'recipe.mjs'));

function cli(...args) {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [CLI, 'background', ...args, '--json'],
      { cwd: project, env },
      (_error, stdout, stderr) => {
        done({ ...JSON.parse(stdout || '{}'), stderr });
      },
    );
  });
}

/** Looks until something is there. */
async function until(look, what) {
  for (let left = 600; left > 0; left -= 1) {
    const found = await look();
    if (found) return found;
    await pause(100);
  }
  throw new Error(`waited a minute for ${what}`);
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}

/** Every process that works in this project but for this one, by the folder that it works in. */
function processes() {
  const of = (pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`PROJECT=${project}`) || commandOf(pid).includes(project)
      );
    } catch {
      return false; // gone meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && of(pid))
    .map(Number);
}

async function killAll() {
  for (const pid of processes()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {} // gone meanwhile
  }
  await until(() => processes().length === 0, 'the end of what was killed');
}

const lines = (file) =>
  existsSync(join(project, file)) ? readFileSync(join(project, file), 'utf8').split('\n').filter(Boolean) : [];
const paid = () => lines('paid');

async function outputOf(id) {
  const { events } = await cli('events', id);
  return events.filter(({ kind }) => kind === 'output').map(({ data }) => data.chunk);
}

async function answered(action, whole) {
  const [calls, before] = [models.asked.length, paid().length];
  const { task_id: id, stderr } = await cli(
    'submit',
    '--recipe',
    'payer',
    '--input',
    JSON.stringify({ prompt: 'Pay 5.' }),
  );
  assert.ok(id, stderr);
  const asked = await until(async () => {
    const task = await cli('status', id);
    return task.status !== 'running' && task.status !== 'pending' && task;
  }, 'the question');
  assert.equal(asked.status, 'input_required', JSON.stringify(asked.error));
  const [[key, { message }]] = Object.entries(asked.input_requests);
  assert.match(message, /pay/);
  assert.match(message, /5/);
  assert.equal(paid().length, before, 'nothing is paid before somebody said so');
  if (!TELLS_LATE.has(name)) assert.equal(asked.usage?.input_tokens, 10, 'what it used so far');
  if (whole) await killAll();
  const { ok, error } = await cli('respond', id, key, ...(action === 'accept' ? ['--accept', '{}'] : ['--decline']));
  assert.ok(ok, error);
  const done = await cli('wait', id, '--timeout', '60');
  assert.equal(done.status, 'completed', `${JSON.stringify(done.error)} ${done.stderr}`);
  const text = action === 'accept' ? 'Paid 5.' : 'Not paid.';
  assert.equal(done.result, text);
  assert.equal(paid().length - before, action === 'accept' ? 1 : 0);
  assert.equal(models.asked.length - calls, isProgram() ? 0 : 2);
  const { input_tokens, output_tokens, cached_input_tokens, reasoning_tokens } = done.usage ?? {};
  const used = [input_tokens, output_tokens, cached_input_tokens, reasoning_tokens];
  assert.deepEqual(used, [20, 10, 8, isProgram() ? 0 : 4], 'what it used');
  assert.equal(done.usage.incomplete, isProgram() && whole, 'what a lost program used nobody knows');
  const chunks = await outputOf(id);
  assert.equal(chunks.join(''), text);
}

/** The program that runs in place of the real one. */
const standIn = () => ({
  get closed() {
    return !processes().some((pid) => commandOf(pid).includes('stand-in'));
  },
});

async function cancelled() {
  const { task_id: id } = await cli('submit', '--recipe', 'payer', '--input', JSON.stringify({ prompt: 'Hold.' }));
  const isAsked = () => models.held() ?? (lines('asked').at(-1)?.includes('Hold.') && standIn());
  const held = await until(isAsked, 'the model call');
  await until(async () => (await outputOf(id)).join('') === 'Holding', 'its output');
  const { cancelled: did } = await cli('cancel', id);
  assert.ok(did);
  await until(() => held.closed, 'the end of the connection');
}

const seen = [];
try {
  for (const [what, look] of Object.entries({
    'deltas, usage, approval': () => answered('accept', false),
    decline: () => answered('decline', false),
    'approval after the death of everything': () => answered('accept', true),
    'decline after the death of everything': () => answered('decline', true),
    cancel: cancelled,
  })) {
    try {
      await look();
    } catch (error) {
      console.error(error);
      seen.push(what);
    }
  }
} finally {
  await killAll();
  models.close();
  if (process.env.KEEP === undefined) rmSync(project, { recursive: true, force: true });
}
assert.deepEqual(seen, [], 'does not work');
