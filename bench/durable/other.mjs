/** Another process: a worker in it runs the recipe `stamp`, in code, of the store in the working folder until stdin ends. */
import { join } from 'node:path';
import { entry } from './peers/offstage.mjs';
import { wall } from './project.mjs';

const { defineRecipe, openBackground } = await import(entry);
const client = await openBackground(join('.offstage', 'tasks.db'), { worker: 'app' });
await client.work({ recipes: [defineRecipe({ name: 'stamp', run: wall })] });
process.stdout.write('ready\n');
process.stdin.resume();
process.stdin.once('end', async () => {
  await client.close();
  process.exit(0);
});
