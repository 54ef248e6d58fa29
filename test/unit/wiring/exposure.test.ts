import { describe, expect, it } from '@jest/globals';
import { exposureOf } from '../../../app/wiring/exposure.ts';

describe('who can reach a server', () => {
  it.each([
    ['127.0.0.1', undefined, true],
    ['127.5.5.5', undefined, true],
    ['::1', undefined, true],
    ['::ffff:127.0.0.1', undefined, true],
    ['localhost', 'http://localhost:3000', true],
    ['0.0.0.0', undefined, false],
    ['::', undefined, false],
    ['10.0.0.1', undefined, false],
    ['berth.example', undefined, false],
    ['127.0.0.1', 'https://berth.example', false],
    ['127.0.0.1', 'http://[::1]:3000', true],
  ])('at %s, public as %s: only this machine %s', (host, publicUrl, isLoopback) => {
    const config = publicUrl === undefined ? { host } : { host, publicUrl };
    expect(exposureOf(config, false).isLoopback).toBe(isLoopback);
  });
});
