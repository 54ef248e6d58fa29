import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

/** A long timeout, because other programs may load the machine. */
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

/** A person with a separate browser context, and timeouts for a busy machine. */
export async function visitor(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(patienceMs);
  return context;
}
