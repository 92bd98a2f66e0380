// Whole-process time of `background status ID --json` against `node -e 0`: interleaved rounds, the minimum of each, and
// their ratio. The gate is 1.8 in the environment that it is run in. What Node itself takes depends on that environment
// (a file of extra certificates, NODE_EXTRA_CA_CERTS, more than doubles it), so the ratio in a bare one is told as well.
// Usage: npm run build && node bench/cli-start.mjs [rounds]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GATE = 1.8;
const rounds = Number(process.argv[2] ?? 20);
const bin = fileURLToPath(new URL('../dist/cli/background.cjs', import.meta.url));
const recipes = fileURLToPath(new URL('../recipes', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'offstage-bench-'));
const store = { OFFSTAGE_STORE: join(folder, '.offstage', 'tasks.db'), OFFSTAGE_RECIPE_PATH: recipes };
const here = { ...process.env, ...store };
const bare = { PATH: process.env.PATH, HOME: folder, ...store };
const node = (env, ...args) => execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });

function timed(env, ...args) {
  const start = process.hrtime.bigint();
  node(env, ...args);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** The least that each takes in milliseconds, run in turns, so that a busy moment meets both. */
function least(env, ...args) {
  const times = { empty: [], status: [] };
  for (let round = -2; round < rounds; round++) {
    const empty = timed(env, '-e', '0');
    const status = timed(env, ...args);
    if (round < 0) continue; // warm-up
    times.empty.push(empty);
    times.status.push(status);
  }
  return { empty: Math.min(...times.empty), status: Math.min(...times.status) };
}

function report(where, { empty, status }) {
  const ratio = status / empty;
  console.log(`${where}: node -e 0 ${empty.toFixed(1)} ms, status ${status.toFixed(1)} ms, ratio ${ratio.toFixed(2)}`);
  return ratio;
}

try {
  const input = JSON.stringify({ path: recipes });
  const submit = [bin, 'submit', '--recipe', 'code-report', '--input', input, '--no-worker', '--json'];
  const { task_id: id } = JSON.parse(node(here, ...submit));
  const status = [bin, 'status', id, '--json'];
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${rounds} interleaved rounds, minimum`);
  report('bare environment', least(bare, ...status));
  const ratio = report(`this environment (gate ${GATE})`, least(here, ...status));
  process.exitCode = ratio <= GATE ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
