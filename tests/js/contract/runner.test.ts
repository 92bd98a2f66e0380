import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { run } from './run.ts';
import { files } from './scenario.ts';
import { Subject } from './subject.ts';

/** What scenarios may need and this one has: work that was given up can report, keyed children are remembered. */
const ABILITIES = ['outlives', 'queue', 'retention', 'steps', 'stop', 'tally'];

for (const [name, { about, scenarios }] of Object.entries(files())) {
  describe(`${name}: ${about}`, () => {
    for (const scenario of scenarios) {
      const missing = (scenario.needs ?? []).filter((need) => !ABILITIES.includes(need));
      test(`${scenario.name} (${scenario.rules.join(', ')})`, async () => {
        assert.deepEqual(missing, [], 'every ability that a scenario needs is there');
        await run(scenario, new Subject(scenario.options));
      });
    }
  });
}

test('there are scenarios', () => {
  const all = Object.values(files()).flatMap(({ scenarios }) => scenarios);
  assert.ok(all.length >= 90, `${all.length} scenarios`);
});
