/** What every probe needs: a client with the recipe that doubles, its tools, and a runner that asks an agent. */
import assert from 'node:assert/strict';
import { BackgroundRunner, backgroundTools, defineRecipe, openBackground } from 'offstage';
import { ANSWER, PROMPT, startModels } from './models.mjs';

const double = defineRecipe({ name: 'double', run: (n) => n * 2 });

/** `agentOf` makes the agent of the framework; `more` is what else is tried. */
export async function probe(agentOf, { how, more = async () => {} } = {}) {
  const models = await startModels();
  const client = await openBackground(':memory:');
  const runner = new BackgroundRunner();
  try {
    await client.work({ recipes: [double] });
    const agent = await agentOf(models.url, backgroundTools(client, { recipes: ['double'] }));
    assert.equal(await runner.submitAgent(agent, PROMPT, how).wait(60), ANSWER);
    assert.equal(models.asked[0].tools.length, 7);
    assert.equal(models.asked[0].tools[0].function.parameters.properties.recipe.enum[0], 'double');
    await more(client);
  } finally {
    await runner.stop();
    await client.close();
    models.close();
  }
}
