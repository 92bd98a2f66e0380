/** A model that doubles two numbers by background tasks: it starts two, waits, and says the results. */
import { serve, toolCalls } from './serve.mjs';

export const startModels = () =>
  serve((body, index, { pieces, delta, end }) => {
    const told = body.messages.filter(({ role }) => role === 'tool').map(({ content }) => JSON.parse(content));
    const calls = callsAfter(told);
    if (calls.length > 0) {
      pieces(delta({ role: 'assistant', tool_calls: toolCalls(index, calls) }), delta({}, 'tool_calls'));
    } else {
      const results = told.at(-1).tasks.map(({ result }) => result);
      pieces(delta({ role: 'assistant', content: results.join(' and ') }), delta({}, 'stop'));
    }
    end();
  });

function callsAfter(told) {
  if (told.length === 0) return [4, 5].map((input) => ['bg_submit', { recipe: 'double', input }]);
  return told.length === 2 ? [['bg_wait', { task_ids: told.map(({ task_id }) => task_id) }]] : [];
}

export const PROMPT = 'Double 4 and 5.';
export const ANSWER = '8 and 10';
