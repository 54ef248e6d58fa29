import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { loadAssets } from '../adapters/files/load-assets.ts';
import { once } from '../lib/once.ts';
import type { AwsBerth } from '../wiring/aws/container.ts';
import { createFunctionApp } from './function-app.ts';
import { getContainer } from './get-container.ts';

declare const berthVersion: string;

const getApp = once(async () => makeApp(await getContainer()));

/** The REST API, the dashboard and GitHub's webhooks, behind an HTTP API of API Gateway (payload 2.0) or a function URL. */
export async function handler(event: LambdaEvent, context?: LambdaContext) {
  const berth = await getContainer();
  const answer = await handle(await getApp())(event, context);
  // After the answer the instance is frozen, with everything that is still running.
  await berth.outbox.sent();
  return answer;
}

/** `npm run build:lambda` puts the dashboard next to this file. */
async function makeApp(berth: AwsBerth): Promise<Hono> {
  const assets = once(() => loadAssets(fileURLToPath(new URL('./dashboard/', import.meta.url))));
  const sessions = await berth.sessions();
  return createFunctionApp(berth, { version: berthVersion, dashboard: { ...sessions, assets } });
}
