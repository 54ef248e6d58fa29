import { describe, expect, it } from '@jest/globals';
import type { Probot } from 'probot';
import type { GithubDeps } from '../../../../app/core/deps.ts';
import { berthApp } from '../../../../app/github/events/dispatch.ts';
import { handledEvents, isHandled } from '../../../../app/github/events/handled-events.ts';

const event = (name: string, payload: unknown) => ({ name, payload: JSON.stringify(payload) });

describe('the events that are kept', () => {
  it('are those that the App registers handlers for', () => {
    const registered: string[] = [];
    // Registering calls nothing but `on`, and none of the dependencies that the handlers will need.
    const app = { on: (names: string | string[]) => void registered.push(...[names].flat()) };
    void berthApp({} as GithubDeps)(app as unknown as Probot, {} as never);
    expect([...handledEvents].sort()).toEqual(registered.sort());
  });

  it.each([
    ['push', {}],
    ['pull_request', { action: 'synchronize' }],
    ['check_run', { action: 'rerequested' }],
    ['installation', { action: 'suspend' }],
  ])('include %s %j', (name, payload) => {
    expect(isHandled(event(name, payload))).toBe(true);
  });

  it.each([
    ['check_run', { action: 'created' }],
    ['check_run', { action: 'completed' }],
    ['check_suite', { action: 'completed' }],
    ['pull_request', { action: 'labeled' }],
    ['ping', {}],
    ['issues', null],
  ])('do not include %s %j', (name, payload) => {
    expect(isHandled(event(name, payload))).toBe(false);
  });

  it('include unreadable events, which are reported when they are handled', () => {
    expect(isHandled({ name: 'check_run', payload: 'payload=%7B%7D' })).toBe(true);
  });
});
