/** A model that pays by a tool, and says how that went; asked to hold, it begins an answer and does not end it. */
import { serve, toolCalls } from './serve.mjs';

const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

export async function startPayments() {
  let held;
  const server = await serve(({ messages }, index, { response, pieces, delta, end }) => {
    if (JSON.stringify(messages).includes('Hold.')) {
      const mine = { closed: false };
      held = mine;
      response.on('close', () => {
        mine.closed = true;
      });
      return pieces(delta({ role: 'assistant', content: 'Holding' }));
    }
    const told = messages.filter(({ role }) => role === 'tool').at(-1);
    if (told === undefined) {
      const tool_calls = toolCalls(index, [['pay', { usd: 5 }]]);
      pieces(delta({ role: 'assistant', content: null, tool_calls }), delta({}, 'tool_calls'));
    } else {
      const words = JSON.stringify(told.content).includes('done') ? ['Paid', ' 5', '.'] : ['Not', ' paid', '.'];
      pieces(
        delta({ role: 'assistant', content: '' }),
        ...words.map((content) => delta({ content })),
        delta({}, 'stop'),
      );
    }
    return end(USAGE);
  });
  return { ...server, held: () => held };
}
