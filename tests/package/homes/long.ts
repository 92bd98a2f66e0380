/** Wherever people use the package: `npm run homes`. What is needed for it comes from the registry into the cache. */
import './managers.ts';
import './bundles.ts';
import './executables.ts';
import './frameworks.ts';
