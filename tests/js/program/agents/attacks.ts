/** Tables of what means harm, or only looks so. */
import { join } from 'node:path';

const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
const laughs = ['a0: &a0 [x, x]', ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
const AGENT = 'agents:\n  a: { role: R }\n';
const STEP = 'steps:\n  - { agent: a, action: x }\n';

/** Whole files, each with what is odd about it. */
export const ODD_YAML: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['a list', '- agents'],
  ['a text', 'agents'],
  ['an anchor', `agents: &x { a: { role: R } }\n${STEP}`],
  ['an alias', `agents: { a: &r { role: R }, b: *r }\n${STEP}`],
  ['a merge key', `agents:\n  a: { role: R, <<: { goal: G } }\n${STEP}`],
  ['a billion laughs', `${laughs.join('\n')}\n${AGENT}${STEP}`],
  ['a function of JavaScript', `agents: { a: { role: !!js/function "function(){}" } }\n${STEP}`],
  ['an object of Python', `agents: { a: { role: !!python/object/apply:os.system ["id"] } }\n${STEP}`],
  ['a set', `agents: !!set { a, b }\n${STEP}`],
  ['a key twice', `agents: { a: { role: R, role: S } }\n${STEP}`],
  ['an agent twice', `agents:\n  a: { role: R }\n  a: { role: S }\n${STEP}`],
  ['two documents', `${AGENT}${STEP}---\n${AGENT}${STEP}`],
  ['lists in lists', `${AGENT}variables: { x: ${deep('[', ']', 2000)} }\nagentss: 1\n${STEP}`],
  ['maps in maps', `${AGENT}variables: { x: ${'{a: '.repeat(1000)}1${'}'.repeat(1000)} }\nagentss: 1\n${STEP}`],
  ['an open bracket, very often', `${AGENT}variables: { x: ${'['.repeat(100_000)}\n`],
  ['items on one line', `${AGENT}variables:\n  x:\n    ${'- '.repeat(100_000)}1\n`],
  ['keys on one line', `${AGENT}variables:\n  x:\n    ${'? '.repeat(100_000)}1\n`],
  ['indents', `${AGENT}variables:\n${Array.from({ length: 500 }, (_, n) => `${' '.repeat(n + 1)}x:\n`).join('')}`],
  ['a tab', `agents:\n\ta: { role: R }\n${STEP}`],
  ['an open quote', `agents: { a: { role: "R } }\n${STEP}`],
  ['a prototype as an agent', `agents: { __proto__: { role: R } }\nsteps: [{ agent: constructor, action: x }]\n`],
  ['a prototype as a key', `${AGENT}__proto__: { polluted: true }\n${STEP}`],
  ['a constructor as a key', `${AGENT}constructor: { prototype: { polluted: true } }\n${STEP}`],
  ['a key of a server', `agents: { a: { role: R, api_key: sk-1 } }\n${STEP}`],
  ['a server', `agents: { a: { role: R, base_url: "http://evil.example" } }\n${STEP}`],
  ['a server above all', `base_url: "http://evil.example"\n${AGENT}${STEP}`],
  ['another process', `process: hierarchical\n${AGENT}${STEP}`],
  ['code as a condition', `${AGENT}steps: [{ agent: a, action: x, condition: "process.exit()" }]\n`],
  ['an unknown agent', `${AGENT}steps: [{ agent: toString, action: x }]\n`],
  ['a file outside', `${AGENT}steps: [{ agent: a, action: x, output_file: "../x" }]\n`],
  ['a file at the root', `${AGENT}steps: [{ agent: a, action: x, output_file: /etc/x }]\n`],
  ['too many workers', `${AGENT}steps: [{ agent: a, action: x, loop: { over: y, max_workers: 9 } }]\n`],
  ['a name for a shell', `agents: { "a; rm -rf /": { role: R } }\n${STEP}`],
  ...['route', 'parallel', 'repeat', 'if', 'guardrail', 'handoff', 'memory', 'knowledge'].map(
    (key) => [key, `${AGENT}steps: [{ agent: a, action: x, ${key}: {} }]\n`] as const,
  ),
  ...['AudioAgent', 'ImageAgent', 'VideoAgent', 'OCRAgent', 'EvalAgent', '__proto__'].map(
    (kind) => [kind, `agents: { a: { agent: ${kind} } }\n${STEP}`] as const,
  ),
];

type Kind = 'number' | 'negative' | 'text' | 'flag' | 'list' | 'map' | 'null' | 'lists';

/** Values of every kind, as YAML. */
export const WRONG: readonly (readonly [Kind, string])[] = [
  ['number', '5'],
  ['negative', '-1.5'],
  ['text', 'text'],
  ['flag', 'true'],
  ['list', '[1]'],
  ['lists', '[[x]]'],
  ['map', '{ x: 1 }'],
];

type Field = readonly [field: string, fits: readonly Kind[], yaml: (value: string) => string];

const ofAgent = (key: string, fits: readonly Kind[]): Field => [
  `agents.a.${key}`,
  fits,
  (value) => `agents:\n  a: { ${key}: ${value} }\n${STEP}`,
];
const ofStep = (key: string, fits: readonly Kind[]): Field => [
  `steps.0.${key}`,
  fits,
  (value) =>
    `${AGENT}steps:\n  - { ${key === 'agent' ? '' : 'agent: a, '}${key === 'action' ? '' : 'action: x, '}${key}: ${value} }\n`,
];
const ofAll = (key: string, fits: readonly Kind[]): Field => [
  key,
  fits,
  (value) => `${key}: ${value}\n${AGENT}${STEP}`,
];
const ofMetadata = (key: string, fits: readonly Kind[]): Field => [
  `metadata.${key}`,
  fits,
  (value) => `metadata: { ${key}: ${value} }\n${AGENT}${STEP}`,
];

/** Keys, with the kinds of values that they may have. */
export const FIELDS: readonly Field[] = [
  ...['role', 'goal', 'backstory', 'instructions', 'llm'].map((key) => ofAgent(key, ['text'])),
  ofAgent('tools', []),
  ofAgent('tool_choice', []),
  ofAgent('max_tokens', ['number']),
  ofAgent('temperature', []),
  ...['action', 'expected_output', 'output_file'].map((key) => ofStep(key, ['text'])),
  ofStep('agent', []),
  ofStep('output_json', ['map']),
  ofStep('condition', []),
  ofStep('loop', []),
  ofAll('variables', ['map']),
  ofAll('input', ['text']),
  ofAll('process', []),
  ...['version', 'description', 'author', 'license'].map((key) => ofMetadata(key, ['text'])),
  ofMetadata('tags', []),
  ofMetadata('requires', []),
];

/** Names that are none, or lead elsewhere. */
export const ODD_NAMES: readonly string[] = [
  '..',
  '.',
  '../outside',
  '../../outside',
  './outside',
  '/etc',
  'a/../../outside',
  'outside/',
  'a\\..\\outside',
  'a b',
  'A',
  '-x',
  '~',
  '~root',
  '.hidden',
  'x..y',
  '__proto__',
  'constructor',
  '$(id)',
  '`id`',
  '$' + '{HOME}',
  '%2e%2e',
  'con:',
  'ａｇｅｎｔ',
  'аgent',
  'x'.repeat(65),
  'x\u0000y',
];

/** Paths that lead out, hold keys, or are no files. */
export const ODD_PATHS = (outside: string): readonly string[] => [
  '..',
  '../outside/secret.txt',
  join(outside, 'secret.txt'),
  'sub/../../outside/secret.txt',
  './/..//outside//secret.txt',
  'dir-link',
  'dir-link/secret.txt',
  'dir-link/new.txt',
  'dir-link/new/deep.txt',
  'dir-link/../outside/secret.txt',
  'file-link',
  'env-link',
  'environ-link',
  'second-name',
  'pipe',
  '.env',
  '.ENV',
  '.env.local',
  '.envrc',
  'sub/../.env',
  '.git/config',
  '.git/hooks/pre-commit',
  'sub/.git/x',
  'sub/.ssh/id_rsa',
  '.ssh/authorized_keys',
  '.offstage/tasks.db',
  '.offstage/key',
  'key.pem',
  'sub/other.PEM',
  'id_ed25519',
  '/',
  '/etc/passwd',
  '/etc/shadow',
  '/proc/self/environ',
  '/proc/self/cwd/../outside/secret.txt',
  '/proc/1/environ',
  '/dev/stdin',
  '/dev/fd/0',
  '/dev/zero',
  '~/.ssh/id_rsa',
  'a.txt/../../outside/secret.txt',
  'a.txt\u0000.png',
  '%2e%2e/outside/secret.txt',
  '....//....//outside/secret.txt',
  '..\\outside\\secret.txt',
  'file:///etc/passwd',
  '\\\\?\\C:\\secret.txt',
  'x'.repeat(5000),
  'x/'.repeat(3000),
];

/** Addresses of this machine, its networks, or of no web. */
export const ODD_URLS: readonly string[] = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '0.0.0.0', '127.0.0.1.', '127.255.255.254'],
  ...['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255'],
  ...[
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '[ff02::1]',
    '[64:ff9b::7f00:1]',
  ],
  ...['[2002:7f00:1::]', '[::127.0.0.1]', '１２７.0.0.1'],
]
  .flatMap((host) => [`http://${host}:9/`, `https://${host}:9/latest/meta-data`])
  .concat([
    'file:///etc/passwd',
    'ftp://example.org/',
    'gopher://127.0.0.1:6379/_x',
    'data:text/plain,x',
    'javascript:alert(1)',
    'http://user:pw@example.org/',
    'http://example.org@127.0.0.1:9/',
    '//127.0.0.1/',
    '',
    'http://',
    'about:blank',
  ]);
