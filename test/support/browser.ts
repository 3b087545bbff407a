import { spawnSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where a Chromium is, `undefined` where none is found. */
function findChromium(): string | undefined {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH !== undefined && CHROME_PATH !== '') return CHROME_PATH;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const { stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    const path = stdout?.trim();
    if (path) return path;
  }
  return undefined;
}

const executablePath = findChromium();

/** `false`, or why no test can use a browser here. */
export const skipBrowser: string | false =
  executablePath === undefined ? 'no chromium or google-chrome here; set CHROME_PATH' : false;

export function openBrowser(): Promise<Browser> {
  // The browser's own sandbox cannot be had as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

/** What goes wrong on a page, and whom it asks besides its own server. */
export class PageWatch {
  readonly problems: string[] = [];
  readonly strangers: string[] = [];

  constructor(page: Page, base: string) {
    page.on('console', (message) => {
      const type = message.type();
      if (type === 'error' || type === 'warning') this.problems.push(`${type}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('requestfailed', (request) => this.problems.push(`failed: ${request.url()}`));
    page.on('request', (request) => {
      const url = request.url();
      const isOwn = url.startsWith(`${base}/`) || /^(data|blob):/.test(url);
      if (!isOwn) this.strangers.push(url);
    });
  }
}
