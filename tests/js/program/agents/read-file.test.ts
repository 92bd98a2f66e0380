/** What an `agents.yaml` may say, and what is said of one that says something else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecipeValidationError } from '#offstage/errors/index.js';
import { definedIn } from '#offstage/program/agents/python-defs.js';
import { readPlan } from '#offstage/program/agents/read-file.js';

const STEPS = 'steps:\n  - { agent: a, action: Do it. }\n';
const read = (text: string) => readPlan(text, 'agents.yaml', 'sample');

function problems(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    return (error as RecipeValidationError).errors.map(
      ({ path, line, column, message }) => `${path}:${line}:${column}: ${message}`,
    );
  }
  throw new Error(`it was read: ${text}`);
}

test('all that published recipes say is read', () => {
  const plan = read(
    [
      'framework: praisonai',
      'topic: rivers',
      'process: sequential',
      'metadata: { name: other, version: "2", requires: { env: [OPENAI_API_KEY], variables: [url], packages: [x], external: [git] } }',
      'context: { enabled: true, max_tool_output_tokens: 2000, tool_summarize_limits: { search_web: 1000 }, strategy: smart }',
      'roles:',
      '  a: { role: R, goal: G, backstory: B, llm: gpt-4o-mini, tools: [], verbose: true, name: A, tool_choice: required }',
      STEPS,
    ].join('\n'),
  );
  assert.deepEqual([plan.about.version, plan.about.env, plan.about.variables], ['2', ['OPENAI_API_KEY'], ['url']]);
  assert.equal(plan.input, 'rivers');
  assert.deepEqual(plan.limits, { all: 2000, byTool: { search_web: 1000 } });
  assert.deepEqual(plan.warnings, ['context: ignored: enabled, strategy']);
  assert.equal(plan.agents.get('a')?.toolChoice, 'required');
});

test('what is wrong is said with line, column and the nearest name', () => {
  const agents = 'agents:\n  a: { role: R }\n  b: { role: R }\n';
  const cases: [string, RegExp][] = [
    [`agnets:\n  a: { role: R }\n${STEPS}`, /agents\.yaml:1:1: agnets: unknown key; did you mean 'agents'\?/],
    [
      `${agents}steps:\n  - { agent: aa, action: x }\n`,
      /agents\.yaml:5:14: steps\.0\.agent: no agent 'aa'; did you mean 'a'\?/,
    ],
    [`${agents}steps:\n  - { action: x }\n`, /steps\.0: agent: missing, and there are several/],
    [
      `${agents}steps:\n  - { agent: a, route: [] , action: x }\n`,
      /steps\.0\.route: steps run one after the other here/,
    ],
    [`agents:\n  a: { rol: R }\n${STEPS}`, /:2:8: agents\.a\.rol: unknown key; did you mean 'role'\?/],
    [`agents:\n  a: { agent: ImageAgent }\n${STEPS}`, /agents\.a\.agent: ImageAgent works on other media than text/],
    [`agents:\n  a: { role: R, api_key: x }\n${STEPS}`, /a key stands in the environment, never in a recipe/],
    [`agents:\n  a: { role: R, memory: true }\n${STEPS}`, /agents have no memory here/],
    [`process: hierarchical\n${agents}${STEPS}`, /process: got "hierarchical", expected 'sequential'/],
    [
      `${agents}steps:\n  - { agent: a, action: x, condition: "process.exit()" }\n`,
      /condition: got "process\.exit\(\)", expected/,
    ],
    [`${agents}steps:\n  - { agent: a, action: x, output_file: ../x }\n`, /expected a path in the working folder/],
    [
      `${agents}steps:\n  - loop: { over: x, max_workers: 99 }\n    agent: a\n    action: x\n`,
      /expected a whole number from 1 to 8/,
    ],
    [`${agents}steps: []\n`, /steps: got a list, expected a list of steps/],
    ['agents: {}\n', /agents: got a mapping, expected a mapping of agents by their names/],
    [`agents: &x\n  a: { role: R }\n${STEPS}`, /anchor '&x' is not allowed/],
  ];
  for (const [text, message] of cases) assert.match(problems(text).join('\n'), message, text);
});

test('functions are found by reading: none that only looks like one', () => {
  const source =
    'import os\ndef one(a: str):\n  def inner(): pass\nasync  def two(): pass\n"""\ndef in_text(): pass\n"""\n# def no(): pass\nfrom x import three\n';
  assert.deepEqual(definedIn(source), ['one', 'two']);
});
