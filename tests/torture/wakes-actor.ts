/** A process that works for a round of wakes, without safety nets: what is to be looked at is told. */
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore } from '#offstage/store/index.js';
import { systemClock } from '#offstage/worker/clock.js';
import { act, ran } from './wakes-part.js';

/** The loop of a worker looks once a second whatever it has heard: not here. */
const SAFETY_NET = 1000;
const { after } = systemClock;
systemClock.after = (ms, callback) => (ms >= SAFETY_NET ? () => {} : after(ms, callback));

const verbs = await openVerbs({
  worker: 'none',
  lookEvery: Number.POSITIVE_INFINITY,
  openStore: async (path) => {
    const store = await openStore(path, { mount: 'thread', lookEvery: Number.POSITIVE_INFINITY });
    return process.argv[2] === 'deaf' ? Object.assign(store, { watch: () => () => {} }) : store;
  },
});
const client = makeClient(verbs);
await client.work({ recipes: [act], folders: false, concurrency: 2 });
process.send?.('ready');
process.on('message', async () => {
  await verbs.close();
  process.send?.(ran.tasks, () => process.disconnect());
});
