/** The AI SDK, 6 and 7: an agent with background tools, and a task as a message of its stream. */
import assert from 'node:assert/strict';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import * as ai from 'ai';
import { defineRecipe, toUIMessageStream, toUIMessageStreamResponse } from 'offstage';
import { probe } from './stage.mjs';

const stopAfter = ai.isStepCount ?? ai.stepCountIs;
const says = defineRecipe({
  name: 'says',
  run(_, { output, progress }) {
    progress(0.5, 'half');
    for (const chunk of ['one ', { two: 2 }, 'three']) output(chunk);
  },
});
const fails = defineRecipe({ name: 'fails', run: () => Promise.reject(new Error('no')) });

/** Every part is one that the package takes, and what its own helpers make of them is what was put out. */
async function messages(client) {
  const task = await client.submit({ recipe: says });
  const schema = ai.asSchema(ai.uiMessageChunkSchema());
  for (const one of [task, await client.submit({ recipe: fails })]) {
    for await (const part of toUIMessageStream(one))
      assert.ok((await schema.validate(part)).success, JSON.stringify(part));
  }
  let last;
  for await (const message of ai.readUIMessageStream({ stream: toUIMessageStream(task) })) last = message;
  assert.deepEqual(
    last.parts.map(({ type, text, data }) => [type, text ?? data]),
    [
      ['text', 'one '],
      ['data-output', { two: 2 }],
      ['text', 'three'],
    ],
  );
  const theirs = await ai.createUIMessageStreamResponse({ stream: toUIMessageStream(task) }).text();
  const ours = await toUIMessageStreamResponse(task).text();
  assert.equal(ours.replace(/^id: \d+\n/gm, ''), theirs);
}

await probe(
  (baseURL, tools) => {
    const model = createOpenAICompatible({ name: 'local', baseURL })('m');
    return new ai.ToolLoopAgent({ model, tools, stopWhen: stopAfter(10) });
  },
  { more: messages },
);
