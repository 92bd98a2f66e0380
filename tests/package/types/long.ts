/** The public types by every compiler, module setting, library and platform that is promised: `npm run types`. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Project } from '../tarball.js';
import { ALL, complaints, nameOf, placePrograms } from './matrix.js';

let project: Project;
before(() => {
  project = new Project();
  placePrograms(project);
});
after(() => project?.remove());

test('the documented snippets and a page of uses compile, what must not does not', { concurrency: 2 }, async (t) => {
  await Promise.all(
    ALL.map((way) => t.test(nameOf(way), async () => assert.equal(await complaints(project, way), ''))),
  );
});
