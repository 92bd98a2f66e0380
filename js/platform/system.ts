/**
 * What the operating system offers. Everything that depends on its name is decided here or asks here, so that a test which
 * gives a process another name reaches all of it.
 */

/** There is a `/proc`, and one monotonic clock for all processes of a boot. */
export const IS_LINUX = process.platform === 'linux';

export const IS_WINDOWS = process.platform === 'win32';

/**
 * A process can lead a group of others that is ended as a whole, and can be told from a later one with its pid. Where not,
 * nobody could end what a dead worker leaves behind.
 */
export const HAS_GROUPS = !IS_WINDOWS;

/** The runtime whose interface is Node's, but which is none. */
export function otherRuntime(): 'bun' | 'deno' | undefined {
  if ('bun' in process.versions) return 'bun';
  return 'deno' in process.versions ? 'deno' : undefined;
}
