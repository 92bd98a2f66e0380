/** Whether a group is this user's alone, as the system's account databases tell: files alone know no directory service. */

/** The lines of a database as getent(1) prints them; undefined where it cannot be asked. */
export type Getent = (database: 'passwd' | 'group') => string | undefined;

/** `unknown`: the databases cannot be asked, or do not list this user or the group, so they may lack others as well. */
export type Membership = 'private' | 'shared' | 'unknown';

/**
 * Private is a group that is this user's primary one, has his name or number, is nobody else's primary one and has no
 * other member.
 */
export function membershipOf(gid: number, uid: number, getent: Getent): Membership {
  const users = entries(getent('passwd'));
  const own = users.filter(({ numbers: [user] }) => user === uid);
  if (own.length === 0) return 'unknown';
  const isPrimary = own.some(({ numbers: [, group] }) => group === gid);
  const isOthers = users.some(({ numbers: [user, group] }) => group === gid && user !== uid);
  if (!isPrimary || isOthers) return 'shared';
  const groups = entries(getent('group')).filter(({ numbers: [group] }) => group === gid);
  if (groups.length === 0) return 'unknown';
  const names = own.map(({ name }) => name);
  const isNamed = gid === uid || groups.some(({ name }) => names.includes(name));
  const hasOthers = groups.some(({ last }) => last.split(',').some((one) => one !== '' && !names.includes(one)));
  return isNamed && !hasOthers ? 'private' : 'shared';
}

interface Entry {
  name: string;
  /** User and primary group, or the group alone. */
  numbers: readonly number[];
  /** Of a group: its members. */
  last: string;
}

/** passwd(5): name, password, user, group, …; group(5): name, password, group, members. */
function entries(text = ''): Entry[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , ...rest] = line.split(':');
    return rest.length < 2 ? [] : [{ name, numbers: rest.slice(0, 2).map(Number), last: rest.at(-1) ?? '' }];
  });
}

/** In milliseconds; a directory service that does not answer is one that cannot be asked. */
const PATIENCE = 2000;
const MOST_BYTES = 16 * 1024 * 1024;

/** Asks getent(1), each database once in the life of the process. */
export const getent: Getent = (database) => {
  if (!asked.has(database)) asked.set(database, ask(database));
  return asked.get(database);
};

const asked = new Map<string, string | undefined>();

function ask(database: string): string | undefined {
  // Loaded here only: it costs each short command 4 ms, and where no folder is writable by a group nobody asks.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  try {
    return execFileSync('getent', [database], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE,
      maxBuffer: MOST_BYTES,
    });
  } catch {
    return undefined;
  }
}
