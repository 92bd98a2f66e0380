/** PostgreSQL on a Unix socket, as Debian configures it: `fsync` and `synchronous_commit` on. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../programs.mjs';
import { startProcess } from './process.mjs';

/** It refuses to run as root; Debian's package makes this user. */
const USER = 'postgres';

export async function startPostgres(folder) {
  const identity = process.getuid() === 0 ? userOf(USER) : {};
  const place = join(folder, 'postgres');
  mkdirSync(place, { mode: 0o700 });
  if (identity.uid !== undefined) chownSync(place, identity.uid, identity.gid);
  const data = join(place, 'data');
  const init = ['-D', data, '-U', USER, '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'];
  execFileSync(program('initdb'), init, { ...identity, cwd: place, stdio: ['ignore', 'ignore', 'pipe'] });
  const command = [program('postgres'), '-D', data, '-k', place, '-c', 'listen_addresses='];
  const server = await startProcess(command, {
    ...identity,
    socket: join(place, '.s.PGSQL.5432'),
    signal: 'SIGQUIT', // at once: what it holds is not needed any more
    cwd: place,
  });
  return { ...server, url: `postgres://${USER}@${encodeURIComponent(place)}/postgres` };
}

function userOf(name) {
  const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
