import type { Because } from '../../client/index.ts';

/** Why it is this store, as the end of a sentence. */
export const BECAUSE: Readonly<Record<Because, string>> = {
  option: 'named by --store',
  environment: 'named by OFFSTAGE_STORE',
  configuration: 'named by the configuration',
  nearest_store: 'the nearest store upward from here',
  nearest_package: 'beside the nearest package.json upward from here',
  home: 'in the home folder, as there is neither a store nor a package.json upward from here',
};
