/** Where models are, and which key opens that: settled once, at the submit. */
import { InvalidArgumentError } from '../../errors/argument.ts';
import type { AgentsConfig } from '../../wire/config.ts';
import type { Environment } from '../../wire/globals.ts';

export interface Endpoint {
  /** Up to and with `/v1`, without a slash behind it. */
  url: string;
  /** The environment variable that holds the key; undefined: none is sent. */
  key: string | undefined;
}

const OPENAI = 'https://api.openai.com/v1';
const OPENAI_KEY = 'OPENAI_API_KEY';

/** What to say where there is neither a key nor an endpoint. */
export const NO_ENDPOINT = `set ${OPENAI_KEY}, or OPENAI_BASE_URL for a local server (Ollama: http://127.0.0.1:11434/v1)`;

/**
 * The first that says where: `OFFSTAGE_BASE_URL`, `OPENAI_BASE_URL`, `OPENAI_API_BASE`, the configuration's `baseUrl`,
 * `OLLAMA_HOST`; else OpenAI, if there is a key. Undefined: there is none of all.
 *
 * `InvalidArgumentError` for an address that is none, or that holds a user's name or password.
 */
export function endpointOf(env: Environment, config: AgentsConfig): Endpoint | undefined {
  const key = keyName(env, config);
  for (const name of ['OFFSTAGE_BASE_URL', 'OPENAI_BASE_URL', 'OPENAI_API_BASE']) {
    if (env[name]) return withKey(checkedUrl(env[name], name), key, env);
  }
  if (config.baseUrl !== undefined) return withKey(checkedUrl(config.baseUrl, 'agents.baseUrl'), key, env);
  // a key of somebody else's is nothing to it
  if (env.OLLAMA_HOST) return { url: ollama(env.OLLAMA_HOST), key: undefined };
  return env[key] ? { url: OPENAI, key } : undefined;
}

/** Whether it is OpenAI's own, by its host. */
export const isOpenAi = ({ url }: Endpoint): boolean => new URL(url).hostname === 'api.openai.com';

function keyName(env: Environment, { apiKeyEnv }: AgentsConfig): string {
  return apiKeyEnv ?? (env.OFFSTAGE_API_KEY ? 'OFFSTAGE_API_KEY' : OPENAI_KEY);
}

/** OpenAI's needs one, set or not; others get it if there is one, and never in the clear over a network. */
function withKey(url: string, key: string, env: Environment): Endpoint {
  if (isOpenAi({ url, key })) return { url, key };
  return { url, key: env[key] && isPrivateWay(url) ? key : undefined };
}

function isPrivateWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

/** What stands in an address may open something: of a refused one only what is no secret is shown. */
function checkedUrl(text: string, option: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = (got: string, expected: string) =>
    new InvalidArgumentError(`${option}: got ${got}, expected ${expected}`, { option });
  if (url === undefined) throw wrong('a text that is no address', 'one such as http://127.0.0.1:11434/v1');
  if (!['http:', 'https:'].includes(url.protocol)) throw wrong(`an address with ${url.protocol}`, 'http: or https:');
  if (url.username !== '' || url.password !== '') {
    throw wrong('an address with a user in it', 'one without; a key stands in the environment');
  }
  if (url.search !== '' || url.hash !== '') {
    throw wrong(`${url.origin}${url.pathname} with more behind it`, 'an address without ? and #');
  }
  return url.href.replace(/\/+$/, '');
}

const OLLAMA_PORT = '11434';

/** As Ollama's own client reads it: with or without a scheme, a port, a host. */
function ollama(text: string): string {
  const whole = /^https?:\/\//.test(text) ? text : `http://${text.startsWith(':') ? `127.0.0.1${text}` : text}`;
  const url = new URL(checkedUrl(whole, 'OLLAMA_HOST'));
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'; // where it listens, for its server
  if (url.port === '' && !/^https?:\/\/[^/]*:\d+/.test(whole)) url.port = url.protocol === 'https:' ? '' : OLLAMA_PORT;
  return `${url.href.replace(/\/+$/, '')}/v1`;
}
