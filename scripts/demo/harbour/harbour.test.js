import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { assign, fits } from './harbour.js';

const berths = [
  { name: 'north', length: 90, depth: 6 },
  { name: 'south', length: 40, depth: 4 },
];
const ketch = { length: 18, draught: 2.4 };
const coaster = { length: 80, draught: 5.1 };

// Slow enough to watch.
test.beforeEach(() => wait(250));

test('a ship fits a berth of the same length', () => {
  assert.ok(fits({ length: 40, draught: 3 }, berths[1]));
});

test('a ship does not fit if the water is too shallow', () => {
  assert.ok(!fits({ length: 30, draught: 4 }, berths[1]));
});

test('a small ship gets the smallest berth', () => {
  assert.deepEqual(assign([ketch], berths), ['south']);
});

test('two ships never share a berth', () => {
  assert.deepEqual(assign([ketch, ketch], berths), ['south', 'north']);
});

test('a ship gets null if the harbour is full', () => {
  assert.deepEqual(assign([ketch, coaster, ketch], berths), ['south', 'north', null]);
});
