import { test } from 'node:test';
import { floodRound, HEEDING } from '../torture/floods.js';

test('floods end as they are told, lose only what is counted, and hold up nobody', (t) => floodRound(t, HEEDING, 1));
