/** What a submit says of agents: handed to whoever settles them, refused where there are none. */
import { parseDuration } from '../../core/index.ts';
import { seconds } from '../../core/options.ts';
import { invalid } from '../../errors/index.ts';
import type { Settling } from '../../recipe/index.ts';
import { checkedLimits } from '../../wire/budget.ts';
import { AGENT_OPTIONS, type AgentOptions } from '../../wire/requests.ts';
import type { Lineage } from '../../worker/environment/index.ts';
import type { VerbContext } from '../verb-context.ts';

/** What agents need to know of who submits them. */
export function settlingFor(context: VerbContext, asked: AgentOptions, lineage?: Lineage): Omit<Settling, 'search'> {
  const { model, allowTools, askTools } = asked;
  return {
    env: lineage?.variables ?? context.env,
    cwd: context.cwd,
    config: context.config.agents ?? {},
    asked: {
      model,
      allowTools,
      askTools,
      ...checkedLimits(asked),
    },
    now: Date.now(),
    seconds: (value, option) => seconds(value, option, parseDuration),
  };
}

/** What is said of agents is refused where there are none. */
export function refuseOfAgents(asked: AgentOptions, of: string): void {
  for (const option of AGENT_OPTIONS) {
    if (asked[option] !== undefined) throw invalid(option, asked[option], `none for ${of}`);
  }
}
