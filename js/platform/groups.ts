/** Refuses what needs groups of processes where there are none. */
import { RecipePolicyError } from '../errors/recipe.ts';
import { HAS_GROUPS } from './system.ts';

/** Why recipes that are folders, and workers of their own, are refused here; undefined where they are not. */
export function whyNoGroups(): string | undefined {
  if (HAS_GROUPS) return undefined;
  return (
    'on Windows there are no groups of processes, so nobody could end what a dead worker leaves running; use WSL, ' +
    "or recipes in code, which run in the app that defines them (openBackground(store, { worker: 'app' }))"
  );
}

/** Refuses `what` with `RecipePolicyError`, reason `platform`, where it could not be ended as a whole. */
export function needGroups(what: string): void {
  const why = whyNoGroups();
  if (why === undefined) return;
  throw new RecipePolicyError(`${what} is refused: ${why}`, {
    details: { reason: 'platform', platform: process.platform },
  });
}
