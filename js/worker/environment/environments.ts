/**
 * The environments that a worker runs tasks with: its own, and values that submitters handed to it. They are in its memory
 * only, and only while a live task needs them.
 */
import { ALL_OTHERS, shownName } from '../../store/environment.ts';
import { keyName } from '../../store/key.ts';
import type { Claimed, EnvValue, StoredEnvironment, WorkerRow } from '../../store/types.ts';
import type { Environment } from '../../wire/globals.ts';
import { hashOf, type NoSecrets, othersOf, storedAs, valuesOf } from './binding.ts';
import { isOfNode, isStored, variables } from './names.ts';
import { isThere } from './node-options.ts';
import { digest, isStillThere, nodeOf, ownLoading, type Start, startOf } from './start.ts';

/** A value together with what is stored of it. */
export interface HandedValue extends EnvValue {
  value: string;
}

/** What a recipe is promised. */
export interface Promised {
  /** Names of variables. */
  needs: readonly string[];
  /** Also all others. */
  inherit: boolean;
  /** It is loaded by the process itself, which must be the submitter's Node. */
  module: boolean;
}

/** Whose environment a run has, for the tasks that it submits. */
export interface Lineage {
  /** Null: that of the worker, by names. */
  environment: StoredEnvironment | null;
  /** What a task of it may be promised. */
  variables: Readonly<Record<string, string>>;
  /** Whether these are all that its submitter had. */
  whole: boolean;
}

/** The environment of one run. */
export interface Surroundings {
  variables: Record<string, string>;
  start: Start;
  /** Equal for runs that have the same. */
  key: string;
  notes: string[];
  /** Made when it is asked for. */
  readonly lineage: Lineage;
}

/** What is the same for all runs of one environment that are promised the same. */
type Made = Pick<Surroundings, 'variables' | 'start' | 'key'> & {
  /** Nothing that it names was missing. */
  isWhole: boolean;
};

/** So many are remembered, of all environments together: they hold secrets. */
const MOST_MADE = 256;

export class Environments {
  readonly #env: Environment;
  readonly #key: Uint8Array | undefined;
  readonly #loading = ownLoading();
  /** Values by their hashes. */
  readonly #own = new Map<string, string>();
  readonly #ownValues: EnvValue[];
  readonly #handed = new Map<string, HandedValue>();
  /** Tasks that this worker runs with its own values although they are bound to others. */
  readonly #taken = new Set<string>();
  /** What was made of values that are here; by the environment, and then by their hashes and what was promised. */
  readonly #made = new Map<string, Map<string, Made>>();
  #madeCount = 0;

  /** Without a key it knows its own values by their names only. */
  constructor(env: Environment, key: Uint8Array | undefined) {
    this.#env = env;
    this.#key = key;
    this.#ownValues = key === undefined ? [] : valuesOf(env, key);
    for (const { name, hash } of this.#ownValues) this.#own.set(hash, this.#byName(name) ?? '');
  }

  /** What others are told of what it has. */
  row(): Pick<WorkerRow, 'value_key' | 'values'> {
    const value_key = this.#key === undefined ? null : keyName(this.#key);
    return { value_key, values: [...this.#ownValues, ...this.handed] };
  }

  get handed(): EnvValue[] {
    return [...this.#handed.values()].map(({ name, key, hash }) => ({ name, key, hash }));
  }

  /** The value of that name that was handed last; undefined: none was, or no live task needs it any more. */
  handedValue(name: string): string | undefined {
    return [...this.#handed.values()].findLast((one) => one.name === name)?.value;
  }

  get taken(): readonly string[] {
    return [...this.#taken];
  }

  /** Takes values; throws for one that is not what its hash says. */
  add(values: readonly HandedValue[]): void {
    const key = this.#key;
    const name = key === undefined ? undefined : keyName(key);
    for (const one of values) {
      const known = key !== undefined && one.key === name;
      if (known && hashOf(key, one.name, one.value) !== one.hash) {
        throw new Error(`the value of ${one.name} is another than its hash says`);
      }
    }
    for (const one of values) if (!this.#own.has(one.hash)) this.#handed.set(one.hash, one);
  }

  /** Forgets values that nobody needs any more, as `ask` says; not one that is handed anew meanwhile. */
  async release(ask: (values: EnvValue[]) => Promise<readonly EnvValue[]>): Promise<void> {
    const before = new Map(this.#handed);
    for (const { hash } of await ask(this.handed)) {
      if (this.#handed.get(hash) === before.get(hash)) this.#handed.delete(hash);
    }
    this.#forgetMade(); // they hold values, too
  }

  /** From now on these tasks are run with values of its own. */
  take(ids: readonly string[]): void {
    for (const id of ids) this.#taken.add(id);
  }

  /** How a process is started for a task of whoever started this worker. */
  get start(): Start {
    return startOf({ node: process.execPath, base: variables(this.#env, isStored), loading: this.#loading });
  }

  /** The environment of one run. Throws when a value is not here that the task is bound to. */
  of(claimed: Pick<Claimed, 'id' | 'environment' | 'bound'>, promised: Promised): Surroundings {
    const notes: string[] = [];
    const note = (text: string): void => void notes.push(text);
    const { environment } = claimed;
    const { variables, start, key } = this.#remembered(
      claimed,
      promised,
      () => this.#make(claimed, promised, note),
      notes,
    );
    const lineage = (): Lineage =>
      this.#lineage(claimed, environment === null ? undefined : JSON.parse(environment), variables);
    let known: Lineage | undefined;
    return {
      variables,
      start,
      key,
      notes,
      get lineage() {
        known ??= lineage();
        return known;
      },
    };
  }

  /** What needs a note is made anew each time, and what goes by the names of this worker's own. */
  #remembered(
    { id, environment, bound }: Pick<Claimed, 'id' | 'environment' | 'bound'>,
    promised: Promised,
    make: () => Made,
    notes: readonly string[],
  ): Made {
    if (environment === null || this.#taken.has(id)) return make();
    const question = JSON.stringify([bound, promised]);
    const known = this.#made.get(environment)?.get(question);
    if (known !== undefined && isStillThere(known.start)) return known;
    const made = make();
    if (notes.length === 0 && made.isWhole) this.#remember(environment, question, made);
    return made;
  }

  #remember(environment: string, question: string, made: Made): void {
    const isNew = this.#made.get(environment)?.has(question) !== true;
    if (isNew && this.#madeCount >= MOST_MADE) this.#forgetMade();
    const known = this.#made.get(environment) ?? new Map<string, Made>();
    this.#made.set(environment, known.set(question, made));
    if (isNew) this.#madeCount += 1;
  }

  #forgetMade(): void {
    this.#made.clear();
    this.#madeCount = 0;
  }

  #make(
    claimed: Pick<Claimed, 'id' | 'environment' | 'bound'>,
    promised: Promised,
    note: (text: string) => void,
  ): Made {
    const { environment } = claimed;
    const stored: NoSecrets | undefined = environment === null ? undefined : JSON.parse(environment);
    const base = stored?.variables ?? variables(this.#env, isStored);
    const value = stored === undefined ? (name: string) => this.#byName(name) : this.#bound(claimed, note);
    const others: Record<string, string> = promised.inherit ? JSON.parse(value(ALL_OTHERS) ?? '{}') : {};
    const needed = Object.fromEntries(
      promised.needs.flatMap((name) => {
        const text = value(name);
        return text === undefined ? [] : [[name, text]];
      }),
    );
    const all = { ...base, ...others, ...needed };
    const loading = [...this.#loading, ...(stored?.loading ?? [])];
    const start = startOf({
      node: promised.module ? nodeOf(stored?.node, base.PATH, note) : process.execPath,
      base,
      loading,
      others: promised.module ? { ...others, ...(promised.inherit ? needed : ofNode(needed)) } : {},
    });
    return { variables: all, start, key: digest([start.id, all]), isWhole: loading.every(isThere) };
  }

  /** What tasks of a run may be promised: also all others, where these are here. */
  #lineage({ environment }: Pick<Claimed, 'environment'>, stored: NoSecrets | undefined, all: Record<string, string>) {
    if (environment === null || stored === undefined) {
      return { environment: null, variables: definedOf(this.#env), whole: true };
    }
    const others = this.#own.has(stored.others) ? definedOf(this.#env) : this.#handedOthers(stored.others);
    const whole = others !== undefined;
    return { environment: storedAs(environment), variables: { ...others, ...all }, whole };
  }

  #handedOthers(hash: string): Record<string, string> | undefined {
    const handed = this.#handed.get(hash);
    return handed === undefined ? undefined : JSON.parse(handed.value);
  }

  #bound(claimed: Pick<Claimed, 'id' | 'bound'>, note: (text: string) => void) {
    return (name: string): string | undefined => {
      const one = claimed.bound.find((value) => value.name === name);
      if (one === undefined) return undefined;
      const value = this.#handed.get(one.hash)?.value ?? this.#own.get(one.hash);
      if (value !== undefined) return value;
      const why = this.#whyByName(claimed.id, one);
      if (why === undefined) throw new Error(`the value of ${shownName(name)} that the task is bound to is not here`);
      note(`environment: ${shownName(name)} is the worker's own, taken by name: ${why}`);
      return this.#byName(name);
    };
  }

  #whyByName(id: string, { key }: EnvValue): string | undefined {
    if (this.#taken.has(id)) return 'nobody had the value of the submit (--any-env)';
    if (this.#key === undefined || key !== keyName(this.#key)) return 'its hash was made with another key';
    return undefined;
  }

  #byName(name: string): string | undefined {
    return name === ALL_OTHERS ? othersOf(this.#env) : this.#env[name];
  }
}

/** What Node itself reads when it starts. */
const ofNode = (needed: Record<string, string>): Record<string, string> => variables(needed, isOfNode);

const definedOf = (env: Environment): Record<string, string> => variables(env, () => true);
