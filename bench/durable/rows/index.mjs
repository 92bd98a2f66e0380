/** The durable rows, in the order they are told. */
import { row as alone } from './alone.mjs';
import { row as flight } from './flight.mjs';
import { row as many } from './many.mjs';

export const ROWS = [flight, alone, many];
