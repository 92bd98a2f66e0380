/** What a model used, by the names that frameworks have for it. */

/** Tokens; undefined is not known. */
export interface Counts {
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  /** Of those read. */
  cachedInputTokens: number | undefined;
  /** Of those written. */
  reasoningTokens: number | undefined;
}

type Shape = Readonly<Record<string, unknown>>;

const PLACES: Readonly<Record<keyof Counts, readonly string[]>> = {
  inputTokens: ['inputTokens', 'input_tokens'],
  outputTokens: ['outputTokens', 'output_tokens'],
  cachedInputTokens: [
    'cachedInputTokens',
    'cache_read_input_tokens', // Claude
    'inputTokenDetails.cacheReadTokens', // the AI SDK
    'input_token_details.cache_read', // LangChain
    'inputTokensDetails.cached_tokens', // OpenAI's agents: one for each request
  ],
  reasoningTokens: [
    'reasoningTokens',
    'outputTokenDetails.reasoningTokens',
    'output_token_details.reasoning',
    'outputTokensDetails.reasoning_tokens',
  ],
};

/** Whatever is no count is left out. */
export function countsIn(usage: Shape): Counts {
  const count = (name: keyof Counts): number | undefined =>
    PLACES[name].map((place) => at(usage, place.split('.'))).find((value) => value !== undefined);
  return {
    inputTokens: count('inputTokens'),
    outputTokens: count('outputTokens'),
    cachedInputTokens: count('cachedInputTokens'),
    reasoningTokens: count('reasoningTokens'),
  };
}

/** The count at a place; of a list of such places their sum. */
function at(value: unknown, [name, ...rest]: readonly string[]): number | undefined {
  if (Array.isArray(value)) {
    const counts = value.map((one) => at(one, name === undefined ? [] : [name, ...rest]));
    const known = counts.filter((one) => one !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
  }
  if (name !== undefined) return at((value as Shape | null | undefined)?.[name], rest);
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}
