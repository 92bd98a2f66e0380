import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDisorderSeen, outboxRound } from '../torture/outbox.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('senders killed at random: no message is lost, each keeps its id, and those of a task their order', (t) =>
  outboxRound(t, seed, 40, 4));

test('messages out of order are seen', () => assert.ok(isDisorderSeen()));
