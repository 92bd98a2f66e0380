export { packageVersion } from '../worker/version.ts';
