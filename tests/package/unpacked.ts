/** The packed package, unpacked: what a test reads of what is published. Packed once for each file of tests. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { packInto } from './tarball.ts';

const temporary = mkdtempSync(join(tmpdir(), 'offstage-tarball-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

export const tarball = packInto(temporary);
execFileSync('tar', ['-xzf', tarball, '-C', temporary]);
export const unpacked = join(temporary, 'package');

/** All its files, relative to it. */
export const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((file) =>
  statSync(join(unpacked, file)).isFile(),
);

export const read = (file: string): string => readFileSync(join(unpacked, file), 'utf8');

interface Manifest extends Record<string, unknown> {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  bin: Record<string, string>;
}
export const manifest = JSON.parse(read('package.json')) as Manifest;
