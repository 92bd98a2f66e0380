/** Tasks whose end somebody is told of by a task of his own: `onComplete: { submit }`. */
import { createHash } from 'node:crypto';
import { invalid } from '../../errors/index.ts';
import type { WakeRequest } from '../../ports/verbs.ts';
import type { NewTask, Wake } from '../../store/types.ts';
import { checkObject, isObject } from '../../wire/check.ts';
import type { Soon } from '../../wire/soon.ts';
import type { VerbContext } from '../verb-context.ts';
import type { SubmitRequest } from '../verbs.ts';
import { type Origin, prepareTask } from './prepare.ts';
import { wakeOfSession } from './tell-session.ts';

/** Ends that come within this time are told by one task, in milliseconds. */
const GATHER = 1000;

/** Prepares a task, and the one that tells of its end, which is checked now as every submit is. */
export function prepareAll(context: VerbContext, request: SubmitRequest, origin: Origin = {}): Soon<NewTask> {
  const { deliverTo, origin: cause, onComplete } = request;
  const isToldByTask = deliverTo !== undefined || cause !== undefined || onComplete !== undefined;
  return isToldByTask ? prepareWithWake(context, request, origin) : prepareTask(context, request, origin);
}

async function prepareWithWake(context: VerbContext, request: SubmitRequest, origin: Origin): Promise<NewTask> {
  const tellsSession = request.deliverTo !== undefined || request.origin !== undefined;
  const ofSession = tellsSession ? await wakeOfSession(context, request) : undefined;
  const onComplete = ofSession ?? request.onComplete;
  const task = await prepareTask(context, request, origin);
  if (onComplete === undefined) return task;
  return { ...task, sequel: { ...task.sequel, wake: await wakeOf(context, onComplete, request, origin) } };
}

async function wakeOf(
  context: VerbContext,
  onComplete: WakeRequest,
  { sessionId }: SubmitRequest,
  { lineage, beside }: Origin,
): Promise<Wake> {
  checkObject('onComplete', onComplete, { submit: true }, 'onComplete');
  const { submit } = onComplete;
  if (!isObject(submit)) throw invalid('onComplete.submit', submit, 'what to submit, as a submit takes it');
  refuse(submit);
  const session = sessionId === undefined ? {} : { sessionId };
  const input = submit.prompt === undefined ? { input: withRoom(submit.input) } : {};
  const asked = { ...session, ...(submit as SubmitRequest), ...input };
  const task = await prepareTask(context, asked, { lineage, beside });
  const { spec } = task;
  const waits = spec.run_at == null && spec.delay_ms == null;
  return { key: keyOf(context, asked), task: { ...task, spec: waits ? { ...spec, delay_ms: GATHER } : spec } };
}

/** What could be refused when the end is decided, which cannot wait for that. */
function refuse(submit: Record<string, unknown>): void {
  for (const option of ['onComplete', 'idempotencyKey', 'parent']) {
    if (submit[option] !== undefined) throw invalid(`onComplete.submit.${option}`, submit[option], 'nothing');
  }
  const { onConflict } = submit;
  if (onConflict !== undefined && onConflict !== 'parallel' && onConflict !== 'enqueue') {
    throw invalid('onComplete.submit.onConflict', onConflict, 'parallel or enqueue');
  }
}

/** As it will be, but that nothing has ended yet. */
const withRoom = (input: unknown): unknown => ({
  ...(isObject(input) ? input : input === undefined ? {} : { input }),
  ended: [],
});

/** Two submits that say the same from the same folder mean the same task. */
function keyOf({ cwd }: VerbContext, { recipe, ...rest }: SubmitRequest): string {
  const name = typeof recipe === 'object' ? recipe.name : recipe;
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([cwd, name, sorted]))
    .digest('hex');
}
