/** A process that submits for what is due, again and again, until it is killed. */
import { openContext } from '#offstage/client/open.js';
import { scheduleSweep } from '#offstage/client/schedule/sweep.js';
import { pause } from '../waiting.js';

const [folder = '', store = ''] = process.argv.slice(2);
const context = await openContext({ cwd: folder, home: folder, store, mount: 'direct', worker: 'none' });
const sweep = await scheduleSweep(context, { folders: true });
process.send?.('ready');
while (process.connected) {
  const now = Date.now();
  const at = await sweep.nextAt(now);
  if (at !== null && at <= now) await sweep.run(now);
  else await pause(5);
}
await context.close();
