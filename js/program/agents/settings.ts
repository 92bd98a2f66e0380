/** What the configuration says of every agents task, in the words of a record. */
import type { ProgramSubmit } from '../../ports/program.ts';

const DEFAULT_TURNS = 20;
const DEFAULT_IDLE = '10m';

/** Model calls of a step, milliseconds of silence, and whether servers are asked to keep to schemas. */
export function settingsOf({ config, seconds }: Pick<ProgramSubmit, 'config' | 'seconds'>) {
  const { maxTurns = DEFAULT_TURNS, idleTimeout = DEFAULT_IDLE, structuredOutputs } = config;
  return {
    max_turns: maxTurns,
    idle_ms: seconds(idleTimeout, 'agents.idleTimeout') * 1000,
    structured: structuredOutputs !== false,
  };
}
