/** The public types at the ends of the range that is promised; `npm run types` is the whole of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Project } from '../tarball.js';
import { complaints, nameOf, placePrograms, SHORT, type Way } from './matrix.js';

let project: Project;
before(() => {
  project = new Project();
  placePrograms(project);
});
after(() => project?.remove());

for (const way of SHORT) {
  test(`the documented snippets and a page of uses compile, what must not does not: ${nameOf(way)}`, async () => {
    assert.equal(await complaints(project, way), '');
  });
}

test('a program that does not fit is told so', async () => {
  writeFileSync(
    join(project.folder, 'types', 'planted.mts'),
    "import 'offstage';\nexport const planted: number = 'x';\n",
  );
  const said = await complaints(project, SHORT[0] as Way);
  assert.match(said, /^types\/planted\.mts\(2,14\): error TS2322/);
});
