/** What is loaded with a module before any of its functions is called: start time is a budget. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Files and packages that a built file imports statically, itself included. */
function graphOf(url: string, seen = new Set<string>()): Set<string> {
  if (seen.has(url)) return seen;
  seen.add(url);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  for (const [, name = ''] of source.matchAll(/^(?:import|export)\s(?:[^;'"]*\sfrom\s)?['"]([^'"]+)['"];$/gm)) {
    if (name.startsWith('.')) graphOf(new URL(name, url).href, seen);
    else if (!name.startsWith('node:')) seen.add(name);
  }
  return seen;
}

test('a child loads the runner of recipes, the errors and the wire, nothing else', () => {
  const files = [...graphOf(import.meta.resolve('#offstage/program/module/run-recipe.js'))].filter(
    (url) => !/\/(errors|wire)\//.test(url),
  );
  assert.deepEqual(
    files.map((url) => basename(url)),
    ['run-recipe.js'],
  );
});

test('the room loads neither packages nor the core until they are needed', () => {
  const graph = [...graphOf(import.meta.resolve('#offstage/recipe/index.js'))];
  assert.ok(graph.length > 10);
  assert.deepEqual(
    graph.filter((name) => !name.startsWith('file:') || name.includes('/core/')),
    [],
  );
});
