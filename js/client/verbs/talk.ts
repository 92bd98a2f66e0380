/** Prompts of a session go on with what was said in it. */
import type { RecipeSource } from '../../recipe/index.ts';
import type { NewTask } from '../../store/types.ts';
import type { SubmitRequest } from '../verbs.ts';

/** A prompt in a session that somebody names: what was said there goes before it. */
export const isTalk = ({ prompt, sessionId }: SubmitRequest): boolean =>
  prompt !== undefined && sessionId !== undefined;

/** In a session it is given what was said there before, and what it says is kept there. */
export function withTalk<Task extends Pick<NewTask, 'spec' | 'sequel'>>(request: SubmitRequest, made: Task): Task {
  const source = made.spec.source as RecipeSource | undefined;
  const { settled } = source ?? {};
  if (!isTalk(request) || settled === undefined) return made;
  const talking = { ...source, settled: { ...settled, conversation: true } };
  return { ...made, spec: { ...made.spec, source: talking }, sequel: { conversation: true } };
}
