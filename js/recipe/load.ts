import { loadReadings } from '../program/kinds.ts';
import { loadYaml } from '../program/yaml.ts';
import { loadJsonSchema } from '../wire/json-schema.ts';
import { loadInputCheck } from './input.ts';
import { loadDurations } from './runtime.ts';

/** Loads what reading and checking recipes may need later, when the files of this package may be gone. */
export async function loadReading(): Promise<void> {
  (await loadDurations()).load();
  for (const load of [loadReadings, loadYaml, loadInputCheck, loadJsonSchema]) await load();
}
