/** The first, third, … of the pages. */
import { runEverySecond } from './run.ts';

runEverySecond(0);
