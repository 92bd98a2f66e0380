/** The second, fourth, … of the pages. */
import { runEverySecond } from './run.ts';

runEverySecond(1);
