import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

/** Whoever waits for something that never comes is told so late: other programs may load the machine. */
const patienceMs = 120_000;

/** Chromium of this machine, kept from asking for anything but the page. */
export function headlessChromium(): Promise<Browser> {
  return chromium.launch({
    timeout: patienceMs,
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Somebody who opens pages, knows nothing of the others, and is as patient as a busy machine asks for. */
export async function visitor(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(patienceMs);
  return context;
}
