/** Tools for the web: a page as text, and Tavily's search. */
import { post, textFrom } from '../model/post.ts';
import { TAVILY_KEY } from '../tool-names.ts';
import { type Guard, getPage } from './guarded-request.ts';
import { type Tool, textsSchema } from './tool.ts';

export const webCrawl = (guard?: Guard): Omit<Tool, 'name'> => ({
  description: 'Reads a page of the public web and answers with its text.',
  parameters: textsSchema({ url: 'Address of the page, http or https' }, ['url']),
  async run({ url }, signal) {
    const page = await getPage(String(url), signal, guard);
    const text = page.body.toString('utf8');
    if (/^(text\/html|application\/xhtml)/.test(page.type)) return plainText(text);
    if (/^(text\/|application\/(json|xml))/.test(page.type)) return text;
    throw new Error(`it is no text: ${page.type || 'no content type'}`);
  },
});

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** What a person would read of a page, about. */
export const plainText = (html: string): string =>
  html
    .replace(/<!--[\s\S]*?-->|<(script|style|noscript|svg|head)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<(?:br|\/p|\/div|\/li|\/h[1-6]|\/tr)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
      return code > 0x10ffff ? whole : String.fromCodePoint(code);
    })
    .replace(/[ \t\r\f]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();

const TAVILY = 'https://api.tavily.com';
/** Results of one search. */
const MOST_RESULTS = 20;
const LARGEST = 4 * 1024 * 1024;
/** Milliseconds of silence. */
const PATIENCE = 60_000;

export const searchWeb = (base = TAVILY): Omit<Tool, 'name'> => ({
  description: 'Searches the web and answers with titles, addresses and excerpts, as JSON.',
  parameters: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'What to look for' },
      max_results: { type: 'integer', minimum: 1, maximum: MOST_RESULTS },
    },
    required: ['query'],
    additionalProperties: false,
  },
  async run({ query, max_results = 5 }, signal) {
    const { results } = await tavily(`${base}/search`, { query, max_results }, signal);
    return JSON.stringify(results ?? []);
  },
});

export const extractPages = (base = TAVILY): Omit<Tool, 'name'> => ({
  description: 'Reads pages of the web by a search service and answers with their texts, as JSON.',
  parameters: {
    type: 'object',
    properties: {
      urls: { anyOf: [{ type: 'array', items: { type: 'string' }, maxItems: MOST_RESULTS }, { type: 'string' }] },
    },
    required: ['urls'],
    additionalProperties: false,
  },
  async run({ urls }, signal) {
    const { results, failed_results } = await tavily(`${base}/extract`, { urls }, signal);
    return JSON.stringify({ results: results ?? [], failed: failed_results ?? [] });
  },
});

async function tavily(url: string, body: object, signal: AbortSignal): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${process.env[TAVILY_KEY]}` };
  const answer = await post(new URL(url), { headers, body: JSON.stringify(body), signal, idleMs: PATIENCE });
  const text = await textFrom(answer, LARGEST);
  if (answer.statusCode !== 200) throw new Error(`the search answered ${answer.statusCode}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
