// Whole-process time of `background status ID --json` against `node -e 0`: interleaved rounds, the minimum of each, and
// their ratio. The gate is 1.8. Usage: node bench/cli-start.mjs [rounds]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GATE = 1.8;
const rounds = Number(process.argv[2] ?? 20);
const bin = fileURLToPath(new URL('../dist/cli/background.js', import.meta.url));
const recipes = fileURLToPath(new URL('../recipes', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'offstage-bench-'));
const env = { ...process.env, OFFSTAGE_STORE: join(folder, '.offstage', 'tasks.db'), OFFSTAGE_RECIPE_PATH: recipes };
const node = (...args) => execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });

function timed(...args) {
  const start = process.hrtime.bigint();
  node(...args);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

try {
  const input = JSON.stringify({ path: recipes });
  const submit = [bin, 'submit', '--recipe', 'code-report', '--input', input, '--no-worker', '--json'];
  const { task_id: id } = JSON.parse(node(...submit));
  const bare = [];
  const status = [];
  for (let round = -2; round < rounds; round++) {
    const times = [timed('-e', '0'), timed(bin, 'status', id, '--json')];
    if (round < 0) continue; // warm-up
    bare.push(times[0]);
    status.push(times[1]);
  }
  const [a, b] = [Math.min(...bare), Math.min(...status)];
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${rounds} interleaved rounds, minimum`);
  console.log(`node -e 0                 ${a.toFixed(1)} ms`);
  console.log(`background status --json  ${b.toFixed(1)} ms`);
  console.log(`ratio                     ${(b / a).toFixed(2)} (gate ${GATE})`);
  process.exitCode = b / a <= GATE ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
