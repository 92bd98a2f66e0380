/** This project: `openBackground` with a recipe in code, all in one process. */
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { work } from '../task.mjs';

const build = process.env.OFFSTAGE_BENCH_BUILD;
export const entry = pathToFileURL(
  build === undefined ? fileURLToPath(new URL('../../../dist/index.js', import.meta.url)) : resolve(build, 'index.js'),
).href;

export const peer = {
  id: 'offstage',
  title: 'offstage',
  runtime: 'node',
  anyNode: true,
  many: true,
  folders: true,
  async open({ folder, concurrency }) {
    const { defineRecipe, openBackground } = await import(entry);
    const recipe = defineRecipe({ name: 'bench', run: work });
    const database = join(folder, '.offstage', 'tasks.db');
    const client = await openBackground(database, { worker: 'app' });
    await client.work({ concurrency, recipes: [recipe] });
    return {
      database,
      one: async (input) => (await client.submit({ recipe, input })).wait(),
      async many(inputs) {
        const handles = await client.submitMany(inputs.map((input) => ({ recipe, input })));
        return Promise.all(handles.map((handle) => handle.wait()));
      },
      async counts() {
        const { total, completed } = await client.summary();
        return { completed, left: total - completed };
      },
      close: () => client.close(),
    };
  },
};
