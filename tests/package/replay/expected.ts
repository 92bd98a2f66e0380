/** What every path of the README has to keep. */
import assert from 'node:assert/strict';
import { commandsOf, type Path, pathsOf, steady } from '../paths.ts';
import { nodeOf, walk } from './replay.ts';

/** All that the README has. */
export const PATHS = [...pathsOf('README.md').keys()];

/** From `npm init` to the first durable result. */
const MOST = { seconds: 90, commands: 4 };

export function pathOf(name: string): Path {
  const path = pathsOf('README.md').get(name);
  assert.ok(path, `README.md has no path '${name}'`);
  return path;
}

/** Walks it and fails where it is not as the README says; answers what was seen, in a line. */
export function check(name: string, node: number): string {
  const path = pathOf(name);
  const commands = commandsOf(path);
  assert.ok(commands[0]?.startsWith('npm init'), `it begins with ${commands[0]}`);
  assert.ok(commands.length <= MOST.commands, `${commands.length} commands:\n${commands.join('\n')}`);
  const { code, output, stderr, seconds, completed } = walk(path, nodeOf(node));
  assert.equal(code, 0, stderr);
  assert.equal(steady(output), steady(path.output));
  assert.ok(completed > 0, 'another process finds no completed task');
  assert.ok(seconds <= MOST.seconds, `${seconds} s`);
  return `${name}, Node ${node}: ${commands.length} commands, ${seconds.toFixed(1)} s`;
}
