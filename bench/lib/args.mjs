/** What the command line asks for. */
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench -- [options]
  --rows a,b       only these rows (a to i)
  --peers p,q      only these beside offstage (p-queue, p-queue-timeout, p-limit, fastq, fastq-promise, effect)
  --rounds 9       interleaved rounds, 7 when not given; fewer are for trying things out
  --build FOLDER   another build of offstage than dist/
  --json           the figures as one JSON document on stdout instead of the table`;

const OPTIONS = {
  rows: { type: 'string' },
  peers: { type: 'string' },
  rounds: { type: 'string', default: '7' },
  build: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/**
 * Reads the options, `known.options` beside those of every bench; throws an error that names the option when a value is not
 * one of those allowed.
 */
export function readArgs(argv, known) {
  const { values } = parseArgs({ args: argv, options: { ...OPTIONS, ...known.options } });
  return {
    ...values,
    rounds: positive(values.rounds),
    rows: chosen('--rows', values.rows, known.rows),
    peers: chosen('--peers', values.peers, known.peers),
  };
}

function positive(text) {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${text}: expected a whole number from 1`);
  return rounds;
}

function chosen(option, text, known) {
  const names = text?.split(',').map((name) => name.trim()) ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${option} ${unknown}: expected some of ${known.join(', ')}`);
  return names;
}
