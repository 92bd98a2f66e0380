/** What is stored of the environment of somebody who submits. */
import { createHash } from 'node:crypto';
import { ownExecutable } from '../../platform/program.ts';
import { ALL_OTHERS } from '../../store/environment.ts';
import { keyedHash, keyName } from '../../store/key.ts';
import type { Binding, EnvValue, StoredEnvironment } from '../../store/types.ts';
import type { Environment } from '../../wire/globals.ts';
import { isOther, isStored, variables } from './names.ts';
import { isPlaced, sortOptions, splitOptions } from './node-options.ts';

/** What is no secret, as it is stored. */
export interface NoSecrets {
  variables: Record<string, string>;
  /** Absent when the process that submits is run by something else than a plain Node. */
  node?: { path: string; version: string };
  /** Options that its Node loads code with. */
  loading: string[];
  /** The hash of all other values together. */
  others: string;
}

/** Where an environment was found. */
export interface Standpoint {
  env: Environment;
  /** From where relative paths in it count. */
  folder: string;
  key: Uint8Array;
}

/** Everything that somebody has: what is no secret, and a hash of each value. */
export function bindingOf({ env: now, folder, key }: Standpoint): Binding {
  const env = { ...now }; // read once: a process' own is slow to read
  const print = createHash('sha256')
    .update(key)
    .update(JSON.stringify([folder, env]))
    .digest('base64');
  if (print !== bound?.print) bound = { print, binding: bindingNow({ env, folder, key }) };
  return bound.binding;
}

/** The last one, by a hash of all that it was made of. */
let bound: { print: string; binding: Binding } | undefined;

function bindingNow({ env, folder, key }: Standpoint): Binding {
  const values = valuesOf(env, key);
  const others = values.find(({ name }) => name === ALL_OTHERS)?.hash ?? '';
  const { loading } = sortOptions(splitOptions(env.NODE_OPTIONS ?? ''), folder);
  const node = thisNode();
  const named = variables(env, isStored);
  const set: NoSecrets = { variables: named, ...(node && { node }), loading: loading.filter(isPlaced), others };
  return { environment: storedAs(JSON.stringify(set)), values };
}

/** What is no secret, by a hash of it. */
export const storedAs = (data: string): StoredEnvironment => ({
  id: createHash('sha256').update(data).digest('hex').slice(0, 32),
  data,
});

/** A hash of each value, and one of all that are handed on together. */
export function valuesOf(env: Environment, key: Uint8Array): EnvValue[] {
  const all = [...Object.entries(variables(env, () => true)), [ALL_OTHERS, othersOf(env)] as const];
  const print = createHash('sha256').update(key).update(JSON.stringify(all)).digest('base64');
  if (print !== last.print) last = { print, values: hashesOf(all, key) };
  return last.values;
}

/** The last environment that was asked about, by a hash of it: an app submits with the same one again and again. */
let last: { print: string; values: EnvValue[] } = { print: '', values: [] };

function hashesOf(all: readonly (readonly [string, string])[], key: Uint8Array): EnvValue[] {
  const name = keyName(key);
  return all.map(([variable, value]) => ({ name: variable, key: name, hash: hashOf(key, variable, value) }));
}

/** All that are handed on together, as one text. */
export const othersOf = (env: Environment): string => JSON.stringify(variables(env, isOther));

/** The hash of one value. */
export const hashOf = (key: Uint8Array, name: string, value: string): string =>
  keyedHash(key, `env\n${name}\n${value}`);

/** Something else may call itself Node, and run no other program than its own, or not everywhere. */
function thisNode(): NoSecrets['node'] {
  const { versions, execPath, version } = process;
  if (versions.bun !== undefined || versions.electron !== undefined || ownExecutable() !== undefined) return undefined;
  return { path: execPath, version };
}
