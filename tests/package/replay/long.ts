/** All paths of the README on the oldest Node that is supported and a current one: `npm run replay`. */
import { test } from 'node:test';
import { check, PATHS } from './expected.js';

for (const node of [20, 24]) {
  for (const name of PATHS) {
    test(`${name}, Node ${node}: from npm init to the first durable result`, (t) => t.diagnostic(check(name, node)));
  }
}
