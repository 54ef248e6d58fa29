import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Browser, Builder, type WebDriver } from 'selenium-webdriver';
import { Options, ServiceBuilder } from 'selenium-webdriver/chrome.js';

const root = join(import.meta.dirname, '..');
const screenshots = join(root, 'test-results', 'screenshots');
const types: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', csv: 'text/csv' };

export interface Visit {
  readonly browser: WebDriver;
  readonly pageUrl: string;
  /** The directory that downloads go to. */
  readonly downloads: string;
}

/** Serves the page, opens a browser, lets `visit` use both, and keeps a picture where it fails. */
export async function withBrowser(test: TestContext, visit: (visit: Visit) => Promise<void>): Promise<void> {
  const downloads = await mkdtemp(join(tmpdir(), 'downloads-'));
  const { url, close } = await servePage();
  const browser = await openBrowser(downloads);
  try {
    await visit({ browser, pageUrl: url, downloads });
  } catch (error) {
    await mkdir(screenshots, { recursive: true });
    const picture = join(screenshots, `${test.name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.png`);
    await writeFile(picture, await browser.takeScreenshot(), 'base64');
    throw error;
  } finally {
    await browser.quit();
    close();
    await rm(downloads, { recursive: true });
  }
}

function openBrowser(downloads: string): Promise<WebDriver> {
  const options = new Options();
  options.addArguments('--headless=new', '--window-size=1000,700');
  options.setUserPreferences({ 'download.default_directory': downloads });
  options.setBinaryPath('/usr/bin/chromium');
  return new Builder()
    .forBrowser(Browser.CHROME)
    .setChromeOptions(options)
    .setChromeService(new ServiceBuilder('/usr/bin/chromedriver'))
    .build();
}

async function servePage(): Promise<{ url: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    const name = basename(request.url ?? '') || 'index.html';
    const content = await readFile(join(root, 'page', name)).catch(() => undefined);
    const type = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page is not served by TCP.');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
