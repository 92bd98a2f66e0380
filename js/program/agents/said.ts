/** What of a conversation is kept for those who go on with its session: uses of tools, each whole, as far as they are short. */
import type { RecipeContext } from '../../ports/recipe.ts';
import { SAID_STEP, type Said } from '../../wire/conversation.ts';
import type { Message } from './model/types.ts';
import { told } from './tool-use.ts';

/** Characters of what one tool gave, and of all that is kept, in JSON. */
const MOST_OF_ONE = 2048;
const MOST = 16 * 1024;

/** Stores them, the last ones; nothing where no tool was used. */
export async function keepSaid(context: RecipeContext, messages: readonly Message[]): Promise<void> {
  const turns = turnsIn(messages);
  while (turns.length > 0 && JSON.stringify(turns).length > MOST) turns.shift();
  if (turns.length > 0) await context.step(SAID_STEP, () => turns.flat());
}

/** Calls with what they gave: a server refuses the one without the other. */
function turnsIn(messages: readonly Message[]): Said[][] {
  const turns: Said[][] = [];
  for (const message of messages) {
    if (message.role === 'assistant' && message.tool_calls !== undefined) turns.push([message as Said]);
    else if (message.role === 'tool') turns.at(-1)?.push({ ...message, content: told(message.content, MOST_OF_ONE) });
  }
  return turns;
}
