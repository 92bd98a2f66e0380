/** What a recipe's function is given: its task's facts, its signal, and the ways to tell something. */
import type { ChildTaskOptions, ChildTaskSpec, Recipe, RecipeContext, SubmitChildTask } from '../../ports/recipe.ts';
import type { Asked } from '../../wire/asked.ts';
import { checkKey, checkNoMore } from '../../wire/check.ts';
import { cut } from '../../wire/cut.ts';
import { NOTE, USED } from '../../wire/note.ts';
import { toldProgress } from '../../wire/progress.ts';
import type { InputAnswer } from '../../wire/question.ts';
import { LIMITS, serialize } from '../../wire/serialize.ts';
import { usedOf } from '../../wire/usage.ts';
import type { Fact, RunMessage } from '../protocol.ts';
import type { Call } from './calls.ts';
import type { Questions } from './questions.ts';
import { Steps } from './steps.ts';

/** Bytes of an output chunk, so that its event with all around it stays within the limit of one. */
const CHUNK_LIMIT = LIMITS.event - 256;

/** What a run is about; input and config are JSON text. */
export type RunFacts = Pick<RunMessage, 'run' | 'task' | 'config'> & {
  /** Undefined: nothing was given. */
  input: string | undefined;
};

/** How a run reaches its worker. */
export interface RunPort {
  readonly signal: AbortSignal;
  readonly call: Call;
  readonly asked: Asked;
  tell(fact: Fact): void;
}

export function runContext(facts: RunFacts, port: RunPort): RecipeContext {
  const { task } = facts;
  let steps: Steps | undefined;
  let questions: Promise<Questions> | undefined;
  // One literal without anything spread into it: it is made for each run, and takes a third of the memory so.
  const context: RecipeContext = {
    taskId: task.taskId,
    name: task.name,
    sessionId: task.sessionId,
    taskSessionId: `bg:${task.taskId}`,
    version: task.version,
    attempt: task.attempt,
    input: facts.input === undefined ? undefined : JSON.parse(facts.input),
    config: JSON.parse(facts.config),
    get signal() {
      return port.signal;
    },
    progress: (fraction, message, data) => port.tell({ kind: 'progress', ...toldProgress(fraction, message, data) }),
    log: (line) => port.tell({ kind: 'log', lines: [cut(String(line))] }),
    output: (chunk) => port.tell({ kind: 'output', chunk: serialize(chunk, 'output', CHUNK_LIMIT) }),
    usage: (fact) => port.tell({ kind: 'usage', used: usedOf(fact) }),
    [NOTE]: (note) => port.tell(note),
    [USED]: task.used,
    step: (key, fn, ...more: unknown[]) => {
      checkNoMore('step', more);
      steps ??= new Steps(port.call, port.signal);
      return port.asked.add(`step '${key}'`, steps.step(key, fn));
    },
    idempotencyKey: (key) => `${task.taskId}:${checkKey('key', key)}`,
    // What most runs do not use is loaded when it is used: a process must start fast.
    requestInput: (question) => {
      questions ??= import('./questions.ts').then(({ Questions }) => new Questions(port.call));
      const all = questions;
      let answer: Promise<InputAnswer> | undefined;
      const isAsked = new Promise<void>((sent) => {
        answer = all.then((loaded) => loaded.ask(question, sent));
      });
      // An end does not wait for a person.
      return port.asked.add('requestInput', answer as Promise<InputAnswer>, Promise.race([isAsked, answer]));
    },
    submit: submitting(port),
  };
  return task.trace === undefined ? context : Object.assign(context, { trace: task.trace });
}

/** Loads what runs that ask or submit need later. */
export async function loadContext(): Promise<void> {
  const { loadSpans } = await import('./questions.ts');
  await import('./submit.ts');
  await loadSpans();
}

function submitting(port: RunPort): SubmitChildTask {
  const submit = (work: string | Recipe | ChildTaskSpec, options?: ChildTaskOptions) => {
    const child = import('./submit.ts').then(({ submitChild }) => submitChild(port, work, options));
    return port.asked.add('submit', child);
  };
  return submit as unknown as SubmitChildTask; // what a child results in is known to the compiler only
}
