/** Runs the blocks of pages against the installed tarball: a project for all of them, a folder for each. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Project } from '../tarball.ts';
import { blocksOf, PAGES, RUN_HERE } from './blocks.ts';
import { PageFolder, STRICT, TSC } from './folder.ts';

/** Of the pages with something to run every second one, from the given one on: two files share the time that this takes. */
export function runEverySecond(from: 0 | 1): void {
  const all = PAGES.map((page) => ({ page, blocks: blocksOf(page) }));
  const mine = all
    .filter(({ blocks }) => blocks.some(({ mark }) => RUN_HERE.test(mark)))
    .filter((_, index) => index % 2 === from);
  const folders = new Map<string, PageFolder>();
  let project: Project;

  before(() => {
    project = new Project();
    for (const { page, blocks } of mine) folders.set(page, new PageFolder(project, page, blocks));
    const placed = [...folders.values()].flatMap((folder) => folder.place());
    const { code, stdout } = project.run(TSC, [...STRICT, ...placed.filter((file) => /\.m?ts$/.test(file))]);
    assert.equal(code, 0, stdout);
  });
  after(() => project?.remove());

  for (const { page, blocks } of mine) {
    test(`${page}: its blocks run as they are told to`, () => {
      for (const block of blocks) folders.get(page)?.check(block);
    });
  }
}
