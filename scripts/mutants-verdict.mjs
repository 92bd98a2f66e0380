// Says what a run of cargo-mutants came to, room by room; the exit code is 1 when a mutant was missed that the list of
// equivalent ones does not name, or when that list names one that a test sees.
//
//   node scripts/mutants-verdict.mjs OUT LIST
//
// OUT is the folder `mutants.out`. A line of LIST is a mutant's name without line and column, ` -- ` and why no test can see
// it; as many lines as there are such mutants. Lines that begin with # are for people.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [out, list] = process.argv.slice(2);
const SUMMARIES = { CaughtMutant: 'caught', Timeout: 'hangs', MissedMutant: 'missed', Unviable: 'unviable' };

const nameOf = (name) => name.replace(/:\d+:\d+: /, ': ');
const roomOf = (file) => file.replace(/^src\//, '').replace(/(\.rs|\/.*)$/, '');
const seconds = ({ phase_results: phases }) => phases.reduce((sum, { duration }) => sum + duration, 0);

function readList() {
  const left = new Map();
  for (const line of readFileSync(list, 'utf8').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [name, reason] = line.split(' -- ');
    if (!reason?.trim()) throw new Error(`${list}: no reason (" -- why") in: ${line}`);
    left.set(name, (left.get(name) ?? 0) + 1);
  }
  return left;
}

/** The mutants of this run, as { name, room, result, time }. */
function readMutants() {
  const { outcomes } = JSON.parse(readFileSync(join(out, 'outcomes.json'), 'utf8'));
  return outcomes
    .filter(({ scenario }) => scenario.Mutant !== undefined)
    .map((outcome) => ({
      name: nameOf(outcome.scenario.Mutant.name),
      place: outcome.scenario.Mutant.name,
      room: roomOf(outcome.scenario.Mutant.file),
      result: SUMMARIES[outcome.summary] ?? 'failed to run',
      time: seconds(outcome),
    }));
}

/** Takes what the list excuses from what was missed; answers what is left of both. */
function judge(mutants, listed) {
  const known = new Set(mutants.map(({ name }) => name));
  const unexcused = [];
  for (const mutant of mutants) {
    if (mutant.result !== 'missed') continue;
    const left = listed.get(mutant.name) ?? 0;
    if (left === 0) unexcused.push(mutant.place);
    else {
      listed.set(mutant.name, left - 1);
      mutant.result = 'equivalent';
    }
  }
  const stale = [...listed].filter(([name, left]) => left > 0 && known.has(name)).map(([name]) => name);
  return { unexcused, stale };
}

const COLUMNS = ['mutants', 'caught', 'hangs', 'equivalent', 'missed', 'unviable'];

function table(mutants) {
  const names = [...new Set(mutants.map(({ room }) => room))].sort();
  const rows = [...names.map((name) => [name, mutants.filter(({ room }) => room === name)]), ['all', mutants]];
  const lines = rows.map(([room, of]) => {
    const counts = COLUMNS.map((column) => of.filter(({ result }) => column === 'mutants' || result === column).length);
    return [room, ...counts, Math.round(of.reduce((sum, { time }) => sum + time, 0))];
  });
  return [['room', ...COLUMNS, 'seconds'], ...lines].map((cells) =>
    cells.map((cell, at) => (at === 0 ? String(cell).padEnd(10) : String(cell).padStart(10))).join(' '),
  );
}

const mutants = readMutants();
const { unexcused, stale } = judge(mutants, readList());
console.log(`\n${table(mutants).join('\n')}`);
const strange = mutants.filter(({ result }) => result === 'failed to run').map(({ place }) => place);
const problems = [
  ...unexcused.map((place) => `missed: ${place}`),
  ...stale.map((name) => `listed as equivalent, but a test sees it: ${name}`),
  ...strange.map((place) => `failed to run: ${place}`),
];
if (mutants.length === 0) problems.push('no mutant was made');
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
