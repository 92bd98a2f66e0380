/** The worker of a store as a service of this user: its file is written and removed here; what it takes to start it is only said. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConflictError, InvalidArgumentError } from '../../errors/index.ts';
import { packageFile } from '../../platform/package.ts';
import { needScripts } from '../../platform/program.ts';
import { type ClientOptions, VerbContext } from '../verb-context.ts';
import { MARK, type ServiceKind, type ServiceWorker, unitOf } from './units.ts';

/** A service, and what is to be typed for it. */
export interface Service {
  kind: ServiceKind;
  /** `offstage-` and 8 hex digits of the store. */
  name: string;
  /** The store's file. */
  store: string;
  /** Where its file is, or would be. */
  path: string;
  /** What that holds. */
  unit: string;
  /** What has it start, or end; nothing of it was run. */
  commands: string[];
  /** What may not be meant so. */
  warnings: string[];
}

/** How the worker of a store is run as a service. */
export interface Services {
  /** What `install` would write. */
  print(kind?: ServiceKind): Promise<Service>;
  /** Writes it. `ConflictError` when another file is there. */
  install(kind?: ServiceKind): Promise<Service & { changed: boolean }>;
  /** Removes it; `removed`: it was there. `ConflictError` as above. */
  uninstall(kind?: ServiceKind): Promise<Service & { removed: boolean }>;
}

/** Seconds that tasks get when the service is stopped. */
const DRAIN = 20;

/** Of the store that these options lead to. */
export async function servicesOf(options: ClientOptions): Promise<Services> {
  const { path } = await VerbContext.open({ ...options, worker: 'none' });
  const folders = foldersOf(options);
  const service = (kind?: ServiceKind): Service => serviceOf(path, folders, kind ?? kindHere());
  return {
    print: async (kind) => service(kind),
    install: async (kind) => {
      const made = service(kind);
      return { ...made, changed: write(made) };
    },
    uninstall: async (kind) => {
      const made = service(kind);
      return { ...made, commands: endOf(made), removed: remove(made) };
    },
  };
}

interface Folders {
  home: string;
  /** Where systemd looks for units of this user, too. */
  config: string;
}

/** A relative path in the variable is to be ignored: https://specifications.freedesktop.org/basedir-spec/. */
function foldersOf({ home = homedir(), env = process.env }: ClientOptions): Folders {
  const { XDG_CONFIG_HOME: given = '' } = env;
  return { home, config: isAbsolute(given) ? given : join(home, '.config') };
}

function kindHere(): ServiceKind {
  if (process.platform === 'linux') return 'systemd';
  if (process.platform === 'darwin') return 'launchd';
  throw new InvalidArgumentError(`service: ${process.platform} has none of systemd, launchd and cron`);
}

function serviceOf(given: string, folders: Folders, kind: ServiceKind): Service {
  if (given === ':memory:') throw new InvalidArgumentError('service: a store in memory has no other worker');
  needScripts('a service');
  const store = existsSync(given) ? realpathSync(given) : given;
  const bin = fileURLToPath(packageFile('cli/offstage.cjs'));
  const argv = [process.execPath, bin, 'background', 'worker', '--store', store, '--drain', String(DRAIN), '--any-env'];
  const name = `offstage-${createHash('sha256').update(store).digest('hex').slice(0, 8)}`;
  const storeFolder = dirname(store);
  const worker: ServiceWorker = {
    name,
    store,
    folder: dirname(storeFolder),
    argv,
    log: join(storeFolder, 'service.log'),
  };
  const path = pathOf(kind, name, folders);
  refuseUnwritable([...argv, path]);
  const unit = unitOf(kind, worker);
  return { kind, name, store, path, unit, commands: startOf(kind, name, path), warnings: warningsOf(bin) };
}

/** In none of the three can a line end stand in a word. */
function refuseUnwritable(words: readonly string[]): void {
  const strange = words.find((word) => /\p{Cc}/u.test(word));
  if (strange === undefined) return;
  throw new InvalidArgumentError(
    `service: got the path ${JSON.stringify(strange)}, expected one without control characters`,
  );
}

function pathOf(kind: ServiceKind, name: string, { home, config }: Folders): string {
  if (kind === 'systemd') return join(config, 'systemd/user', `${name}.service`);
  if (kind === 'launchd') return join(home, 'Library/LaunchAgents', `${name}.plist`);
  return join(config, 'offstage', `${name}.cron`);
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

function startOf(kind: ServiceKind, name: string, path: string): string[] {
  if (kind === 'launchd') {
    return [`launchctl bootout gui/$(id -u)/${name} 2>/dev/null; launchctl bootstrap gui/$(id -u) ${quoted(path)}`];
  }
  if (kind === 'cron') return [`(crontab -l 2>/dev/null | grep -v '# ${name}$'; cat ${quoted(path)}) | crontab -`];
  return [
    'systemctl --user daemon-reload',
    `systemctl --user enable ${name}.service`,
    `systemctl --user restart ${name}.service`, // also where an older one runs
    `loginctl enable-linger ${userInfo().username}`,
  ];
}

/** The file is gone by then. */
function endOf({ kind, name, store }: Service): string[] {
  if (kind === 'launchd') return [`launchctl bootout gui/$(id -u)/${name}`];
  const pattern = `worker --store .?${store.replace(/[^\w/-]/g, '.')}.? --drain ${DRAIN} --any-env`; // the shell's loop, and the worker
  if (kind === 'cron') return [`crontab -l | grep -v '# ${name}$' | crontab -`, `pkill -f '${pattern}'`];
  return [`systemctl --user stop ${name}.service`, 'systemctl --user daemon-reload'];
}

/** A cache is emptied at any time, and the service would not start any more. */
function warningsOf(bin: string): string[] {
  if (!/[\\/]_npx[\\/]/.test(bin)) return [];
  return [`the service starts ${bin}, which is in npx's cache: install the package first (npm install offstage)`];
}

/** Whether there was anything to write. */
function write({ path, unit }: Service): boolean {
  const known = ours(path);
  if (known === unit) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}`;
  writeFileSync(next, unit, { flag: 'wx', mode: 0o600 });
  renameSync(next, path);
  return true;
}

function remove(service: Service): boolean {
  const { kind, name, path } = service;
  const found = ours(path) !== undefined;
  if (found) rmSync(path);
  // What `systemctl enable` has made, and could not take back without the file.
  if (kind === 'systemd') rmSync(join(dirname(path), 'default.target.wants', `${name}.service`), { force: true });
  return found;
}

/** What is there; undefined: nothing. */
function ours(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const text = stat.isFile() ? readFileSync(path, 'utf8') : '';
  if (text.includes(MARK)) return text;
  throw new ConflictError(`${path} was not written by offstage service install, so it is left as it is`, {
    details: { path },
  });
}
