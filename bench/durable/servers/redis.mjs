/** Redis on a Unix socket, with one of three answers to when its log is made durable. */
import { join } from 'node:path';
import { program } from '../programs.mjs';
import { startProcess } from './process.mjs';

/** What `redis.io/docs/latest/operate/oss_and_stack/management/persistence` names; `none` keeps nothing on disk. */
const DURABILITY = {
  none: ['--appendonly', 'no'],
  everysec: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  always: ['--appendonly', 'yes', '--appendfsync', 'always'],
};

export async function startRedis(when, folder) {
  const socket = join(folder, 'redis.sock');
  const place = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', folder];
  // BullMQ must not have its keys evicted, and snapshots would be a second way to disk.
  const rest = ['--save', '', '--maxmemory-policy', 'noeviction'];
  const server = await startProcess([program('redis-server'), ...place, ...rest, ...DURABILITY[when]], {
    socket,
    signal: 'SIGKILL', // what it holds is not needed any more
    cwd: folder,
  });
  return { ...server, url: socket };
}
