/** Agents of `@openai/agents`, which have no method to run them: the package's `run` does. */
import { MissingDependencyError } from '../../errors/refusal.ts';
import { type Counts, countsIn } from './counts.ts';
import {
  type AgentTask,
  type Framework,
  has,
  isShape,
  mayUse,
  type OpenAIAgentsRun,
  type Shape,
  tellUsage,
} from './framework.ts';

type Run = (agent: Shape, input: unknown, options: object) => Promise<Shape & AsyncIterable<unknown>>;

const PACKAGE = '@openai/agents';

/** What it says until it has ended, or wants tools approved: then its state as a text. */
type Turn = { output: unknown } | { state: string; asked: Shape[] };

export const openaiAgents: Framework = {
  is: (agent) => has(agent, 'asTool', 'getSystemPrompt', 'getAllTools') && !has(agent, 'run'),
  async ask(agent, prompt, task, given) {
    const run = (given ?? (await importedRun(task))) as unknown as Run;
    let input: unknown = prompt;
    let before = NOTHING;
    for (let number = 1; ; number += 1) {
      let live: Going | undefined;
      const turn: Turn = await task.step(`agent:${number}`, async () => {
        const result = await run(agent, input, { stream: true, signal: task.signal });
        await tell(result, task);
        live = { state: (result.state ?? {}) as Shape, items: (result.interruptions ?? []) as Shape[] };
        tellUsage(task, since(before, usedBy(live.state)));
        return turnOf(result, live);
      });
      if ('output' in turn) return turn.output;
      const going: Going = live ?? (await restored(agent, turn.state, task));
      await answer(going, turn.asked, task);
      input = going.state;
      before = usedBy(going.state);
    }
  },
};

interface Going {
  state: Shape;
  /** What waits for approval in it. */
  items: Shape[];
}

const turnOf = (result: Shape, { state, items }: Going): Turn =>
  items.length === 0 ? { output: result.finalOutput } : { state: String(state), asked: items.map(callOf) };

const NOTHING = countsIn({});

/** What a state counts, over all turns that led to it. */
const usedBy = ({ usage }: Shape): Counts => (isShape(usage) ? countsIn(usage) : NOTHING);

/** Only what came on top. */
function since(before: Counts, now: Counts): Counts {
  const more = { ...now };
  for (const name of Object.keys(now) as (keyof Counts)[])
    if (now[name] !== undefined) more[name] = now[name] - (before[name] ?? 0);
  return more;
}

/** The call that wants approval, as far as it can be stored. */
function callOf(one: Shape): Shape {
  const { callId, id, name, arguments: args } = (isShape(one.rawItem) ? one.rawItem : one) as Shape;
  return { id: callId ?? id, name: name ?? one.name, args };
}

async function answer({ state, items }: Going, asked: readonly Shape[], task: AgentTask): Promise<void> {
  for (const { id, name, args } of asked) {
    const item = items.find((one) => callOf(one).id === id);
    const isAllowed = await mayUse(task, String(id), name, args);
    (state[isAllowed ? 'approve' : 'reject'] as (item: unknown) => void).call(state, item);
  }
}

/** Refuses an agent for which nobody gave what runs it. */
export function needRun(run: OpenAIAgentsRun | undefined): void {
  if (run !== undefined) return;
  const help = 'give it the run of that package: submitAgent(agent, prompt, { run })';
  throw new MissingDependencyError('submitAgent', PACKAGE, help);
}

async function imported({ load }: AgentTask): Promise<Record<string, unknown>> {
  if (load !== undefined) return load(PACKAGE);
  throw new MissingDependencyError('an agent', PACKAGE, 'it is needed to go on after an answer');
}

const importedRun = async (task: AgentTask): Promise<unknown> => (await imported(task)).run;

/** Of a run whose process has gone. */
async function restored(agent: Shape, text: string, task: AgentTask): Promise<Going> {
  const { RunState } = (await imported(task)) as {
    RunState: { fromString(agent: Shape, text: string): Promise<Shape> };
  };
  const state = await RunState.fromString(agent, text);
  return { state, items: (state.getInterruptions as () => Shape[]).call(state) };
}

async function tell(result: Shape & AsyncIterable<unknown>, { signal, output }: AgentTask) {
  for await (const event of result) {
    signal.throwIfAborted();
    const { type, data } = isShape(event) ? event : {};
    if (type !== 'raw_model_stream_event' || !isShape(data)) continue;
    if (data.type === 'output_text_delta' && typeof data.delta === 'string') output(data.delta);
  }
  await result.completed;
  signal.throwIfAborted();
}
