/** A project with a recipe of agents, and a model server on loopback that answers as each test says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Answering, Models } from '../js/program/agents/models.js';
import { Scene } from './scene.js';

export const TWO_STEPS = `agents:
  writer: { role: Writer, tools: [TOOLS] }
steps:
  - { agent: writer, action: "First {{text}}." }
  - { agent: writer, action: "Second." }
`;

/** An answer of which nothing more comes. */
export const BEGUN = 'data: {"choices":[{"delta":{"content":"some"}}]}\n\n';

/** A project whose environment names a model server, with an agents recipe `two`. */
export async function staged(t: TestContext, answering: Answering, tools = '') {
  const models = await Models.start(t, answering);
  const scene = new Scene(t);
  set(scene, { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' });
  mkdirSync(scene.file('recipes/two'));
  writeFileSync(scene.file('recipes/two/agents.yaml'), TWO_STEPS.replace('TOOLS', tools));
  return { models, scene };
}

/** Adds to the environment of what the project starts from now on. */
export function set(scene: Scene, more: Record<string, string>): void {
  Object.defineProperty(scene.project, 'env', { value: { ...scene.project.env, ...more }, configurable: true });
}

/** Submits it with its one input. */
export const submit = (scene: Scene, ...flags: string[]) =>
  scene.cli('submit', '--recipe', 'two', '--input', 'thing', ...flags);
