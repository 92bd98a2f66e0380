/** What every path of the README has to keep. */
import assert from 'node:assert/strict';
import { commandsOf, type Path, pathsOf, steady } from '../paths.ts';
import { hasTerminal, nodeOf, walk } from './replay.ts';

/** All that the README has. */
export const PATHS = [...pathsOf('README.md').keys()];

/** From `npm init` to the first durable result. */
const MOST = { seconds: 90, commands: 4 };

export function pathOf(name: string): Path {
  const path = pathsOf('README.md').get(name);
  assert.ok(path, `README.md has no path '${name}'`);
  return path;
}

/** On a terminal more is to be seen, such as a live line of what is waited for: the README's lines are among it, in order. */
function isSeen(lines: string, screen: string): void {
  const seen = steady(screen)
    .split('\n')
    .map((line) => line.trimEnd());
  let from = 0;
  for (const line of steady(lines).trimEnd().split('\n')) {
    const at = seen.indexOf(line, from);
    assert.ok(at >= 0, `'${line}' is not to be seen:\n${screen}`);
    from = at + 1;
  }
}

/** Walks it and fails where it is not as the README says; answers what was seen, in a line. */
export function check(name: string, node: number): string {
  const path = pathOf(name);
  const commands = commandsOf(path);
  assert.ok(commands[0]?.startsWith('npm init'), `it begins with ${commands[0]}`);
  assert.ok(commands.length <= MOST.commands, `${commands.length} commands:\n${commands.join('\n')}`);
  const onTerminal = name === 'terminal' && hasTerminal();
  const { code, output, stderr, seconds, completed } = walk(path, nodeOf(node), { onTerminal });
  assert.equal(code, 0, `${output}\n${stderr}`);
  if (onTerminal) isSeen(path.output, output);
  else assert.equal(steady(output), steady(path.output));
  assert.ok(completed > 0, 'another process finds no completed task');
  assert.ok(seconds <= MOST.seconds, `${seconds} s`);
  return `${name}${onTerminal ? ' on a terminal' : ''}, Node ${node}: ${commands.length} commands, ${seconds.toFixed(1)} s`;
}
