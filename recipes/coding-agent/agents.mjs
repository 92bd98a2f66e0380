/**
 * How each agent is called, and what its lines say. All read the prompt from stdin, so that no other process sees it in a list
 * and none takes it for an option. `begun` is work whose usage will be told; an `error` of null takes an earlier one back.
 */

const option = (name, value) => (value === undefined ? [] : [name, value]);

const claude = {
  program: 'claude',
  argsOf: ({ session, model, args = [] }) => [
    '-p',
    ...['--output-format', 'stream-json', '--verbose'],
    ...option('--resume', session),
    ...option('--model', model),
    ...args,
  ],
  read({ type, session_id: session, message, result, is_error: failed, subtype, total_cost_usd: cost, usage }) {
    if (type === 'assistant') return { session, text: textOf(message?.content) };
    if (type === 'system' && subtype === 'init') return { session, begun: true };
    if (type !== 'result') return { session };
    if (failed || subtype !== 'success') return { session, cost, error: result ?? subtype, usage: used(usage) };
    return { session, cost, result, usage: used(usage) };
  },
};

const textOf = (content = []) =>
  content
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)
    .join('');

const used = (usage = {}) => ({
  inputTokens:
    (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
  outputTokens: usage.output_tokens ?? 0,
  cachedInputTokens: usage.cache_read_input_tokens ?? 0,
});

const codex = {
  program: 'codex',
  argsOf: ({ session, model, args = [] }) => [
    'exec',
    '--json',
    ...option('--model', model),
    ...args,
    ...option('resume', session),
    '-',
  ],
  read({ type, thread_id: session, item = {}, usage, error, message }, { session: resumed }) {
    if (type === 'thread.started') return { session };
    if (type === 'turn.started') return { begun: true };
    if (type === 'turn.failed' || type === 'error') return { error: error?.message ?? message ?? type };
    // an error before it was a connection that was made again
    if (type === 'turn.completed') return { error: null, ...(resumed === undefined ? told(usage) : ofAll(usage)) };
    const isSaid = type === 'item.completed' && (item.type ?? item.item_type ?? '').endsWith('_message');
    return isSaid ? { text: item.text } : {};
  },
};

const told = (usage) => ({ usage: usage && counted(usage) });

/** Of a thread that goes on it says what all of it has used: how much of that is new nobody knows. */
const ofAll = (usage) => ({ log: `all runs of this thread: ${JSON.stringify(usage)}` });

const counted = ({
  input_tokens: inputTokens = 0,
  output_tokens: outputTokens = 0,
  cached_input_tokens: cached = 0,
}) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: cached,
});

const opencode = {
  program: 'opencode',
  argsOf: ({ session, model, args = [] }) => [
    'run',
    ...['--format', 'json'],
    ...option('--session', session),
    ...option('--model', model),
    ...args,
  ],
  read({ type, sessionID: session, part = {}, error }) {
    if (type === 'error') return { session, error: error?.data?.message ?? error?.name ?? 'failed' };
    if (type === 'text') return { session, text: part.text };
    if (type === 'step_start') return { session, begun: true };
    if (type !== 'step_finish') return { session };
    const { input = 0, output = 0, reasoning = 0, cache = {} } = part.tokens ?? {};
    const cached = cache.read ?? 0;
    const usage = {
      inputTokens: input + cached + (cache.write ?? 0),
      outputTokens: output + reasoning,
      cachedInputTokens: cached,
      reasoningTokens: reasoning,
    };
    return { session, cost: part.cost, usage };
  },
};

export const AGENTS = { claude, codex, opencode };
