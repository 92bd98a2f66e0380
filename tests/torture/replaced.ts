/**
 * The package is taken away and put back under workers, again and again, while tasks are submitted, run and waited for; as
 * `npm ci` does. `warm`: a worker lives and has children; cold: none lives, and the first start finds nothing.
 *
 * Every acknowledged task completes with attempt 1, and its code has begun once.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Installed } from '../cli/installed.js';
import { pause } from '../waiting.js';
import { randomOf } from './kill.js';

type Package = typeof import('#offstage/index.js');

const MARKS = `import { appendFileSync } from 'node:fs';
  export default async ({ marks, ms }, ctx) => {
    appendFileSync(marks, ctx.taskId + '\\n');
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ctx.attempt;
  };`;

const RECIPES = 12;

/** So many times the package is replaced; `tasks` are submitted each time. */
export async function replacedRound(
  t: TestContext,
  { seed, times, tasks, warm }: { seed: number; times: number; tasks: number; warm: boolean },
): Promise<void> {
  t.diagnostic(`SEED=${seed}`);
  const random = randomOf(seed);
  const project = new Installed(t);
  const marks = project.file('marks');
  // More than a worker keeps children for: new ones are needed all the time.
  for (let n = 0; n < RECIPES; n += 1) project.addRecipe(`marks${n}`, MARKS);
  // An app has the package loaded and goes on while it is replaced, as a server does during a deployment.
  const { openBackground } = (await import(pathToFileURL(join(project.home, 'index.js')).href)) as Package;
  process.env.OFFSTAGE_WORKER_IDLE = warm ? '20' : '0';
  const client = await openBackground(project.store);
  t.after(() => client.close());
  const submit = (ms: number) => {
    const recipe = join(project.folder, 'recipes', `marks${Math.floor(random() * RECIPES)}`);
    return client.submit({ recipe, input: { marks, ms } });
  };
  assert.equal(await (await submit(0)).wait(60), 1);
  let begun = 1;
  for (let round = 0; round < times; round += 1) {
    const before = await Promise.all(Array.from({ length: warm ? 2 : 0 }, () => submit(random() * 200)));
    await pause(random() * 100);
    project.takeAway();
    const during = await Promise.all(Array.from({ length: tasks }, () => submit(random() * 50)));
    await pause(random() * 400);
    project.putBack();
    for (const handle of [...before, ...during]) {
      assert.equal(await handle.wait(90), 1, `round ${round}: another attempt`);
      begun += 1;
    }
  }
  const lines = readFileSync(marks, 'utf8').trim().split('\n');
  assert.equal(lines.length, begun, 'the code of a task has begun more than once');
  assert.equal(new Set(lines).size, begun);
}
