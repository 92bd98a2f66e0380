/** A process that tells what is due, by a clock that runs faster than the system's, until it is killed. */
import { Sender } from '#offstage/notify/sender.js';
import { openStore } from '#offstage/store/index.js';
import { pause } from '../waiting.js';
import { CHANNELS, ENV, fast } from './outbox-scene.js';

const [path = '', url = '', began = ''] = process.argv.slice(2);
const now = fast(Number(began));
const store = await openStore(path, { mount: 'direct', now });
const channels = CHANNELS(url);
const sender = new Sender({
  store,
  channels: async () => channels,
  around: { env: ENV },
  onTrouble: (error) => process.stderr.write(`${(error as Error).message}\n`),
  now,
});
process.send?.('ready');
process.on('disconnect', () => process.exit()); // nobody is left to see it
while (process.connected) {
  const at = await sender.nextAt();
  if (at !== null && at <= now()) await sender.run(now());
  else await pause(10);
}
