/** All that are measured, in the order of the columns; offstage comes first. */
export const PEER_IDS = ['p-queue', 'p-queue-timeout', 'p-limit', 'fastq', 'fastq-promise', 'effect'];

export async function loadPeer(id) {
  const { peer } = await import(`./${id}.mjs`);
  return peer;
}
