/**
 * A published catalogue of agents on a bare python3: how many of its recipes load, are planned and run against a model server on
 * loopback. None may crash, and no Python may run before the run.
 *
 *   node catalogue.mjs FOLDER          prints one JSON document; exit 1 when something is not as it must be
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openBackground } from 'offstage';
import { startLocal } from './local-model.mjs';

const run = promisify(execFile);
const CLI = resolve('node_modules/offstage/cli/offstage.cjs');
const BUILT_IN = ['read_file', 'list_files', 'write_file', 'shell_tool', 'web_crawl', 'search_web', 'tavily_extract'];
const AT_ONCE = 2;
const catalogue = resolve(process.argv[2]);
const names = readdirSync(catalogue)
  .filter((name) => existsSync(join(catalogue, name, 'agents.yaml')))
  .sort();
const project = mkdtempSync(join(tmpdir(), 'catalogue-'));
const startedPython = join(project, 'python-started');
const models = await startLocal();

/** A python3 that leaves a line whenever it is started, and has nothing but its own library. */
function watchPython() {
  const folder = join(project, 'bin');
  mkdirSync(folder);
  const real = execFileSync('sh', ['-c', 'command -v python3'], { encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'python3'), `#!/bin/sh\necho "$$" >> '${startedPython}'\nexec '${real}' -S "$@"\n`, {
    mode: 0o755,
  });
  return folder + delimiter + process.env.PATH;
}

/** Only what a stranger's shell has: no key, no endpoint but the local one. */
const env = {
  PATH: watchPython(),
  HOME: project,
  LANG: 'C.UTF-8',
  OPENAI_BASE_URL: models.url,
  OFFSTAGE_MODEL: 'local',
  TAVILY_API_KEY: 'tvly-never-used',
  MISTRAL_API_KEY: 'never-used',
};

function configure(tools) {
  const config = { recipes: [catalogue], background: { maxConcurrentTasks: AT_ONCE }, agents: { tools } };
  writeFileSync(join(project, 'offstage.config.json'), JSON.stringify(config));
}

async function cli(...args) {
  const { stdout } = await run(process.execPath, [CLI, ...args, '--json'], { cwd: project, env }).catch(
    (error) => error,
  );
  return JSON.parse(stdout); // one document on every path
}

async function each(list, look) {
  const found = new Map();
  const left = [...list];
  const next = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) found.set(name, await look(name));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return found;
}

/** Whatever a recipe requires is a text, the name of a file that is there. */
const inputOf = ({ plan: { inputs } }) =>
  JSON.stringify(
    Object.fromEntries(inputs.required.map((name) => [name, /url/.test(name) ? 'https://example.com/' : 'notes.txt'])),
  );

const pythonStarts = () => (existsSync(startedPython) ? readFileSync(startedPython, 'utf8').split('\n').length - 1 : 0);

const count = (found, test) => [...found.values()].filter(test).length;

/** All tools are allowed: what runs here is what the recipes themselves have. */
function planned(loaded, missing) {
  const python = [...loaded.values()].flatMap(({ plan }) => plan.tools.filter(({ from }) => from === 'python'));
  configure({ missing, allow: [...BUILT_IN, ...new Set(python.map(({ name }) => name))] });
  return each(loaded.keys(), (name) => cli('recipe', 'run', name, '--dry-run', '--input', inputOf(loaded.get(name))));
}

async function ran(plans, loaded) {
  process.chdir(project);
  Object.assign(process.env, env);
  const client = await openBackground();
  try {
    return await each(plans.keys(), async (name) => {
      const task = await client.submit({ recipe: name, input: JSON.parse(inputOf(loaded.get(name))), timeout: '2m' });
      await task.wait().catch(() => {}); // how it ended is in its snapshot
      return task.snapshot();
    });
  } finally {
    await client.close();
  }
}

/** Only those whose `ok` is true, without the rest. */
const those = (found) => new Map([...found].filter(([, { ok }]) => ok));

const refusals = (found) =>
  [...found].filter(([, { ok }]) => !ok).map(([name, { code, error }]) => ({ name, code, error }));

/** With a place in the file. */
const isClear = ({ code, error }) => code === 'recipe_invalid' && /agents\.yaml:\d+:\d+/.test(error);

async function look() {
  configure({});
  const infos = await each(names, (name) => cli('recipe', 'info', name));
  const loaded = those(infos);
  const strict = await planned(loaded, 'fail');
  const plans = await planned(loaded, 'skip');
  const before = pythonStarts();
  const began = Date.now();
  const tasks = await ran(those(plans), loaded);
  const failed = [...tasks]
    .filter(([, { status }]) => status !== 'completed')
    .map(([name, { status, error }]) => ({
      name,
      status,
      reason: error?.details?.reason,
      package: error?.details?.package,
    }));
  const refused = refusals(infos);
  const unknown = refusals(strict);
  const isRight =
    before === 0 &&
    those(plans).size === loaded.size &&
    [...refused, ...unknown].every(isClear) &&
    failed.every(({ reason }) => reason === 'missing_dependency');
  if (!isRight) process.exitCode = 1;
  return {
    recipes: names.length,
    loaded: loaded.size,
    warned_of_media: count(loaded, ({ plan }) => plan.warnings.some((text) => text.startsWith('input '))),
    dry_run: { as_they_are: those(strict).size, unknown_tools_skipped: those(plans).size, python_started: before },
    run: {
      completed: count(tasks, ({ status }) => status === 'completed'),
      model_calls: models.asked.length,
      python_started: pythonStarts(),
      seconds: Math.round((Date.now() - began) / 100) / 10,
    },
    failed,
    refused: [...refused, ...unknown],
  };
}

try {
  writeFileSync(join(project, 'notes.txt'), 'Notes.\n');
  writeFileSync(join(project, 'package.json'), '{}');
  console.log(JSON.stringify(await look(), null, 1));
} finally {
  await cli('background', 'clear', '--all');
  models.close();
  rmSync(project, { recursive: true, force: true });
}
