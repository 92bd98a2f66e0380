/** What the store can be asked, and what it answers. */
export type * from './binding.ts';
export type * from './types/attempt.ts';
export type * from './types/delivery.ts';
export type * from './types/ops.ts';
export type * from './types/query.ts';
export type * from './types/schedule.ts';
export type * from './types/store.ts';
export type * from './types/task.ts';
export type * from './types/turn.ts';
export type * from './types/worker.ts';
