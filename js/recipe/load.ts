import { load as loadCore } from '../core/index.ts';
import { loadJsonSchema } from '../wire/json-schema.ts';

/** Loads what reading and checking recipes may need later, when the files of this package may be gone. */
export function loadReading(): Promise<unknown> {
  loadCore();
  return Promise.all([import('yaml'), import('fastest-levenshtein'), loadJsonSchema()]);
}
