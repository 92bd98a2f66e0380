/** Facts about the machine, without which absolute figures say nothing. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

export function machineFacts(peers) {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.version,
    load: loadavg().map((value) => Number(value.toFixed(2))),
    versions: Object.fromEntries(
      peers.filter((peer) => peer.package).map((peer) => [peer.package, version(peer.package)]),
    ),
  };
}

export function describeMachine(facts) {
  const versions = Object.entries(facts.versions).map(([name, value]) => `${name} ${value}`);
  return [
    `${facts.cpu}, ${facts.cores} cores, ${facts.memory_gib} GiB, ${facts.os}, Node ${facts.node}, load ${facts.load.join(' ')}`,
    versions.join(', '),
  ].join('\n');
}

function version(name) {
  // Read from the file: not every package exports its package.json.
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
