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

// Real suites take their time; this one takes just enough to be watched.
test.beforeEach(() => wait(250));

test('a ship fits a berth that is as long as it', () => {
  assert.ok(fits({ length: 40, draught: 3 }, berths[1]));
});

test('a ship does not fit where it would touch the ground', () => {
  assert.ok(!fits({ length: 30, draught: 4 }, berths[1]));
});

test('a small ship leaves the large berth to others', () => {
  assert.deepEqual(assign([ketch], berths), ['south']);
});

test('no berth is given to two ships', () => {
  assert.deepEqual(assign([ketch, ketch], berths), ['south', 'north']);
});

test('a ship that comes too late is told so', () => {
  assert.deepEqual(assign([ketch, coaster, ketch], berths), ['south', 'north', null]);
});
