/** Random bytes, fetched in batches: asking the system for each id costs more than making it. */

const BATCH = 4096;
const pool = new Uint8Array(BATCH);
let used = BATCH;

/** Bytes that were never given before, from a cryptographic source. Up to 4 KiB; copy them to keep them. */
export function randomBytes(count: number): Uint8Array {
  if (used + count > BATCH) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

/** A random number from 0 up to, not including, 1; of 32 bits. */
export function random(): number {
  const bytes = randomBytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
