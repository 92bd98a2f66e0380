/** The durable rows, in the order they are told. */
import { row as alone } from './alone.mjs';
import { row as between } from './between.mjs';
import { row as calls } from './calls.mjs';
import { row as cli } from './cli.mjs';
import { row as elsewhere } from './elsewhere.mjs';
import { row as flight } from './flight.mjs';
import { row as folder } from './folder.mjs';
import { row as many } from './many.mjs';

export const ROWS = [flight, calls, alone, many, elsewhere, folder, between, cli];
