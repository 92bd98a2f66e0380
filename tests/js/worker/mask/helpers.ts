import { Mask } from '#offstage/worker/mask/mask.js';

export const key = (): Uint8Array => Buffer.alloc(32, 7);

/** A mask of values; their variables are `V0`, `V1` and so on. */
export const maskOf = (...values: string[]): Mask =>
  new Mask(
    values.map((value, n) => ({ variable: `V${n}`, value })),
    key,
  );
