/** All that are measured, offstage first. */
export const PEER_IDS = [
  'driver',
  'bullmq-none',
  'bullmq-everysec',
  'bullmq-always',
  'bunqueue',
  'plainjob',
  'openworkflow',
  'pg-boss',
  'graphile-worker',
];

export async function loadPeer(id) {
  const { peer } = await import(`./${id}.mjs`);
  return peer;
}
