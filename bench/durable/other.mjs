/**
 * Another process: a worker in it runs the recipe `stamp`, in code, of the store in the working folder until stdin ends; so
 * many at a time as it is told.
 */
import { join } from 'node:path';
import { entry } from './peers/offstage.mjs';
import { wall } from './project.mjs';

const { defineRecipe, openBackground } = await import(entry);
const client = await openBackground(join('.offstage', 'tasks.db'), { worker: 'app' });
const [concurrency] = process.argv.slice(2).map(Number);
await client.work({
  ...(concurrency === undefined ? {} : { concurrency }),
  recipes: [defineRecipe({ name: 'stamp', run: wall })],
});
process.stdout.write('ready\n');
process.stdin.resume();
process.stdin.once('end', async () => {
  await client.close();
  process.exit(0);
});
