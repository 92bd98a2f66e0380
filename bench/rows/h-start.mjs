/** (h) A whole process that imports, submits one no-op and has its result; an empty one beside it each time. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
// Not the caller's environment: a file of extra certificates alone doubles what Node takes to start.
const env = { PATH: process.env.PATH, HOME: tmpdir() };

const script = (peer) => `const start = performance.now();
const module = await import(${JSON.stringify(peer.specifier)});
const imported = performance.now();
if ((await ${peer.first}) === undefined) throw new Error('no result');
process.stdout.write(JSON.stringify({ import: imported - start, first: performance.now() - imported }));`;

function timed(code) {
  const start = performance.now();
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: bench,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  const time = performance.now() - start;
  if (ran.status !== 0) throw new Error(`a process ended with ${ran.signal ?? ran.status}\n${ran.stderr}`);
  return { time, stdout: ran.stdout };
}

export const row = {
  id: 'h',
  cases: ['sync'],
  able: (peer) => peer.first !== undefined && peer.id !== 'fastq-promise' && peer.id !== 'p-queue-timeout',
  /** Called in the measuring process itself, as there must be nothing else in the one that is measured. */
  outside(peer) {
    const empty = timed('0');
    const whole = timed(script(peer));
    const inside = JSON.parse(whole.stdout);
    return {
      'h.process': whole.time,
      'h.above': whole.time - empty.time,
      'h.import': inside.import,
      'h.first': inside.first,
    };
  },
  lines: [
    { key: 'h.process', title: 'whole process: import, one task, exit', unit: 'ms' },
    { key: 'h.above', title: '… above an empty process', unit: 'ms' },
    { key: 'h.import', title: '… import', unit: 'ms' },
    { key: 'h.first', title: '… first submit to its result', unit: 'ms' },
  ],
  gates: [],
  notes: ['h: in a bare environment. It also tells that the process ends by itself.'],
};
