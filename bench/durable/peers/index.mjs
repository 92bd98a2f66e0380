/** All that are measured, offstage first. */
export const PEER_IDS = ['driver', 'bullmq-none', 'bullmq-everysec', 'bullmq-always'];

export async function loadPeer(id) {
  const { peer } = await import(`./${id}.mjs`);
  return peer;
}
