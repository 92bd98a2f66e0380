import { after, before, describe, test } from 'node:test';
import { run } from './run.ts';
import { files } from './scenario.ts';
import { StoreSubject } from './store/subject.ts';
import { Troupe } from './store/troupe.ts';

/**
 * What scenarios may need and a store has not: a limit of what waits (`queue`), an end of everything (`stop`), records that
 * go without having been read (`retention`), a count of what was dropped (`tally`).
 */
const ABILITIES = ['outlives', 'steps'];

/** Commits of several processes at one moment have no order between tasks; within a task they have. */
const byTask = (events: readonly string[]): readonly string[] => {
  const taskOf = (event: string): string => event.slice(0, event.lastIndexOf(' '));
  const names = [...new Set(events.map(taskOf))].sort();
  return names.flatMap((name) => events.filter((event) => taskOf(event) === name));
};

for (const processes of [1, 4]) {
  describe(`a store with ${processes} worker process${processes === 1 ? '' : 'es'}`, () => {
    let troupe: Troupe;
    before(async () => {
      troupe = await Troupe.start(processes);
    });
    after(() => troupe.end());
    for (const [file, { scenarios }] of Object.entries(files())) {
      for (const scenario of scenarios) {
        const missing = (scenario.needs ?? []).filter((need) => !ABILITIES.includes(need));
        const skip = missing.length > 0 && `a store has no ${missing.join(', ')}`;
        test(`${file}: ${scenario.name} (${scenario.rules.join(', ')})`, { skip }, async (t) => {
          const subject = await StoreSubject.open(scenario.options, troupe);
          t.after(() => subject.close());
          await run(scenario, subject, processes === 1 ? undefined : byTask);
        });
      }
    }
  });
}
