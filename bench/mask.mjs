// What it takes to keep the values of 10 variables out of a result of 1 MiB: making the mask anew, as each attempt does, and
// masking; processor time of the one thread, so that other work on the machine counts little. The gate is 10 ms, the median
// of each kind of result. Beside it: what putting the values in again takes.
// Usage: npm run build && node bench/mask.mjs [rounds, 40 when not given]
import { Mask } from '../dist/worker/mask/mask.js';
import { restore } from '../dist/worker/mask/refs.js';
import { spread } from './lib/stats.mjs';

const GATE = 10;
const MIB = 2 ** 20;
const rounds = Number(process.argv[2] ?? 40);
const key = () => Buffer.alloc(32, 7);

let state = 1;
const random = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % n;
};
const bytes = (n) => Buffer.from(Array.from({ length: n }, () => random(256)));
const lines = (text) => text.match(/.{1,64}/g).join('\n');

const values = [
  ...Array.from({ length: 7 }, (_, n) => bytes(16 + n).toString('base64url')),
  'https://user:p"a%ss@api.example.test/v1?a=b',
  '9876543210123',
  `-----BEGIN PRIVATE KEY-----\n${lines(bytes(1200).toString('base64'))}\n-----END PRIVATE KEY-----\n`,
];
const secrets = values.map((value, n) => ({ variable: `V${n}`, value }));

/** About a MiB, with the values in it `often` times. */
const kinds = {
  prose: () =>
    Array.from({ length: 9000 }, () => `${'lorem ipsum dolor sit amet consectetur adipiscing elit '.repeat(2)}\n`).join(
      '',
    ),
  rows: () =>
    Array.from({ length: 9500 }, (_, n) => ({
      id: n,
      name: `n${n}`,
      url: `https://example.test/${n}`,
      tags: ['a', 'b'],
      x: n / 7,
    })),
  numbers: () => Array.from({ length: 90000 }, () => random(1e9) / 1e9),
  base64: () => bytes(0.75 * MIB).toString('base64'),
  hex: () => bytes(MIB / 2).toString('hex'),
};
const withValues = (data, often) =>
  JSON.stringify([data, Array.from({ length: often }, (_, n) => ({ value: values[n % 10], at: n }))]);

function timed(work) {
  const before = process.cpuUsage();
  const answer = work();
  const { user, system } = process.cpuUsage(before);
  return { answer, ms: (user + system) / 1000 };
}

const shown = ({ min, median, max }) => [min, median, max].map((ms) => ms.toFixed(1).padStart(6)).join(' ');
let missed = 0;
console.log('result    values     MiB   mask: min, median, max ms   put in again');
for (const [name, make] of Object.entries(kinds)) {
  for (const often of [0, 1, 100, 1000]) {
    const json = withValues(make(), often);
    const [masking, restoring] = [[], []];
    for (let round = -5; round < rounds; round++) {
      const masked = timed(() => new Mask(secrets, key).json(json));
      const back = timed(() =>
        restore(masked.answer.json, masked.answer.refs ?? '{"values":{},"places":[]}', (v) => values[v.slice(1)], key),
      );
      if (back.answer.json !== json) throw new Error(`${name}: it did not come back as it was`);
      if (round >= 0) masking.push(masked.ms);
      if (round >= 0) restoring.push(back.ms);
    }
    if (spread(masking).median > GATE) missed += 1;
    console.log(
      `${name.padEnd(10)}${String(often).padStart(6)}${(json.length / MIB).toFixed(2).padStart(8)}   ${shown(spread(masking))}      ${shown(spread(restoring))}`,
    );
  }
}
console.log(missed === 0 ? `within the gate of ${GATE} ms` : `${missed} miss the gate of ${GATE} ms`);
process.exitCode = missed === 0 ? 0 : 1;
