/** What the configuration says of every agents task, in the words of a record. */
import type { ProgramSubmit } from '../../ports/program.ts';
import { smallestOf } from '../../wire/budget.ts';

/** Model calls of one step. */
export const DEFAULT_TURNS = 20;
const DEFAULT_IDLE = '10m';

/** Bounds, milliseconds of silence, and whether servers are asked to keep to schemas. Of several bounds the smallest counts. */
export function settingsOf({ config, asked, limits, seconds }: ProgramSubmit) {
  const { idleTimeout = DEFAULT_IDLE, structuredOutputs } = config;
  const turns = [asked.maxTurns, limits?.maxTurns, config.maxTurns].filter((one) => one !== undefined);
  return {
    max_turns: turns.length === 0 ? DEFAULT_TURNS : Math.min(...turns),
    budget: smallestOf([asked.budget, limits?.budget, config.budget]),
    idle_ms: seconds(idleTimeout, 'agents.idleTimeout') * 1000,
    structured: structuredOutputs !== false,
  };
}
