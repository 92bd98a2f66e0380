/** The compilers that the public types are checked with. */
import { cached } from '../cache.ts';

/** The oldest that is promised, those that many have, and the newest. */
export const COMPILERS = ['5.2', '5.4', '5.9', '6', '7'] as const;
export type Compiler = (typeof COMPILERS)[number];

/** Whose types of Node a program may have. */
export const NODE_TYPES = ['20', '24'] as const;

const WANTED = [
  ...COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`),
  ...NODE_TYPES.map((version) => `node-types-${version}@npm:@types/node@${version}`),
];

/** The folder whose `node_modules` has them. */
export const compilers = (): string => cached('typescript', WANTED);
