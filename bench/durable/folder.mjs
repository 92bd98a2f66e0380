/** Facts about the folder that the stores are made in: its file system, and what making data durable takes there. */
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from './rows/alone.mjs';

const SAMPLES = 300;
const PAGE = Buffer.alloc(4096, 'x');

export function folderFacts(folder) {
  const type = execFileSync('df', ['--output=fstype', folder], { encoding: 'utf8' }).trim().split('\n').at(-1);
  const times = fsyncTimes(join(folder, `offstage-bench-fsync-${process.pid}`));
  return { folder: type, fsync_ms: { p50: percentile(times, 0.5), p99: percentile(times, 0.99) } };
}

/** Milliseconds of `fdatasync` after 4 KiB more each time. */
function fsyncTimes(path) {
  const file = openSync(path, 'wx', 0o600);
  try {
    return Array.from({ length: SAMPLES }, () => {
      writeSync(file, PAGE);
      const start = performance.now();
      fdatasyncSync(file);
      return performance.now() - start;
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
