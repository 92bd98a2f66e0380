/** Servers of the peers that need one. Each measurement gets its own, which is stopped after it. */
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';

const STARTERS = {
  postgres: startPostgres,
  'redis-none': (folder) => startRedis('none', folder),
  'redis-everysec': (folder) => startRedis('everysec', folder),
  'redis-always': (folder) => startRedis('always', folder),
};

/** Starts the server `name` in `folder`; answers { url, pid, stop }. */
export const startServer = (name, folder) => STARTERS[name](folder);
