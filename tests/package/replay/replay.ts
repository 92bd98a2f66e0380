/** Walks a marked path of the README as somebody new does: in a fresh folder and home, with nothing but what it says. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Glass } from '../../cli/screen.ts';
import { cached } from '../cache.ts';
import type { Path } from '../paths.ts';
import { endAllIn, packInto } from '../tarball.ts';

/** What was seen on the way. */
export interface Walk {
  code: number | null;
  /** What the last commands printed. */
  output: string;
  stderr: string;
  /** From the first command to the end of the last. */
  seconds: number;
  /** Completed tasks that another process finds afterwards. */
  completed: number;
}

/** The folder of a Node of this major version; one that is not here is brought into the cache. */
export function nodeOf(major: number): string {
  if (process.versions.node.startsWith(`${major}.`)) return dirname(process.execPath);
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cached(`node-${major}`, [`${name}@${major}`]), 'node_modules', name, 'bin');
  const version = execFileSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' });
  if (!version.startsWith(`v${major}.`)) throw new Error(`${folder} has Node ${version}`);
  return folder;
}

/** Whether there is a terminal to be had: `script` of util-linux makes one. */
export const hasTerminal = (): boolean =>
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

/** Follows it to its end, if asked for on a terminal of 24 × 80; nothing of it stays. */
export function walk({ files, blocks }: Path, node: string, how: { onTerminal?: boolean } = {}): Walk {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-replay-'));
  try {
    const tarball = packInto(folder);
    const home = join(folder, 'home');
    const project = join(folder, 'project');
    mkdirSync(home);
    mkdirSync(project);
    for (const { name, text } of files) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), text);
    }
    const session = { cwd: project, env: environment(home, node), encoding: 'utf8', timeout: 170_000 } as const;
    const typed = join(folder, 'typed.sh');
    const text = blocks.map((block) => installing(block, tarball)).join(`\nprintf '${BETWEEN}'\n`);
    writeFileSync(typed, `set -e\n${text}\n`);
    const terminal = ['script', '-qfec', `stty rows ${ROWS} cols ${COLUMNS}; bash '${typed}'`, '/dev/null'];
    const [command = '', ...args] = how.onTerminal ? terminal : ['bash', typed];
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(command, args, session);
    const seconds = (performance.now() - started) / 1000;
    const last = stdout.split(BETWEEN).at(-1) ?? '';
    const output = how.onTerminal ? onGlass(last) : last;
    return { code: status, output, stderr, seconds, completed: completedIn(session) };
  } finally {
    endAllIn(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const BETWEEN = '\u001e';
const [ROWS, COLUMNS] = [24, 80];

/** What a person sees, from the first line that has scrolled away. */
function onGlass(bytes: string): string {
  const glass = new Glass(ROWS, COLUMNS).write(bytes);
  return [...glass.past, glass.text].join('\n');
}

/** The same commands, with the tarball where the package's name is what npm installs. */
function installing(block: string, tarball: string): string {
  return block.replace(/^(npm (?:install|i|add)\b.*?\s)offstage(?=\s|$)/gm, (_, before) => `${before}'${tarball}'`);
}

/** How npm reaches its registry is the machine's; all else is new. */
function environment(HOME: string, node: string): NodeJS.ProcessEnv {
  const ways = /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i;
  const inherited = Object.entries(process.env).filter(([name]) => ways.test(name));
  const npm = ['registry', 'cafile'].flatMap((key) => {
    const value = execFileSync('npm', ['config', 'get', key], { encoding: 'utf8' }).trim();
    return value === 'null' ? [] : [[`npm_config_${key}`, value]];
  });
  const PATH = [node, process.env.PATH].join(delimiter);
  return {
    ...Object.fromEntries([...inherited, ...npm]),
    PATH,
    HOME,
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    SHELL: '/bin/bash',
  };
}

function completedIn(session: { cwd: string; env: NodeJS.ProcessEnv }): number {
  const bin = join(session.cwd, 'node_modules', '.bin', 'offstage');
  const { stdout } = spawnSync(bin, ['background', 'list', '--json'], { ...session, encoding: 'utf8' });
  return stdout?.startsWith('{') ? (JSON.parse(stdout).counts?.completed ?? 0) : 0;
}
