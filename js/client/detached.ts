/**
 * The process of a detached worker. Its one argument is `DetachedOptions` as JSON. It closes what it has inherited before
 * it loads anything else.
 */
import { MEANT_AS_WORKER } from '../platform/program.ts';
import { closeInherited } from './staff/descriptors.ts';
import type { DetachedOptions } from './staff/spawn.ts';

Reflect.deleteProperty(process.env, MEANT_AS_WORKER);
const options = JSON.parse(process.argv[2] ?? '') as DetachedOptions;
closeInherited(options.inherited);
const { runDetached } = await import('./staff/detached-worker.ts');
await runDetached(options);
