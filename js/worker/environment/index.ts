/** What of a worker's environments a client needs, without the worker. */
export { bindingOf, othersOf, valuesOf } from './binding.ts';
export { handOver } from './door.ts';
export type { HandedValue, Lineage } from './environments.ts';
