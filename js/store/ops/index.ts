/** Every operation by its name. */
import type { Ops } from '../types.ts';
import { change, see } from './change.ts';
import { claim, poll } from './claim.ts';
import { clear } from './clear.ts';
import { due } from './due.ts';
import type { Operation } from './operation.ts';
import { counts, find, get, list } from './read.ts';
import { needWorker, submit } from './submit.ts';
import { addGroup, leave, register, removeGroup, renew } from './workers.ts';

export const OPERATIONS: { readonly [K in keyof Ops]: Operation<K> } = {
  submit,
  needWorker,
  get,
  see,
  find,
  list,
  counts,
  due,
  change,
  claim,
  poll,
  register,
  renew,
  leave,
  addGroup,
  removeGroup,
  clear,
};
