import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser, PageWatch, skipBrowser as skip } from '../support/browser.ts';
import { ADMIN_PASSWORD, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** Where to keep pictures of the pages; nowhere unless told. */
const { OPENBELL_SCREENSHOTS } = process.env;

/** Pages of this size take their time on a busy machine. */
const ACTION_TIMEOUT_MS = 90_000;

/** The pages as a reader without the internet has them. */
describe('pages of the documents in a browser', { skip }, () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let browser: Browser;
  let reader: BrowserContext;
  before(async () => {
    server = await ServerProcess.start(join(directory.path, 'data'), {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    });
    browser = await openBrowser();
    // One reader, whose browser keeps what it may.
    reader = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
  });
  after(async () => {
    await browser?.close();
    await server?.end('SIGKILL');
    directory.remove();
  });

  async function open(path: string): Promise<{ page: Page; watch: PageWatch }> {
    const page = await reader.newPage();
    page.setDefaultTimeout(ACTION_TIMEOUT_MS);
    const watch = new PageWatch(page, server.url);
    await page.goto(server.url + path);
    return { page, watch };
  }

  async function finish({ page, watch }: Awaited<ReturnType<typeof open>>, name: string) {
    if (OPENBELL_SCREENSHOTS !== undefined) {
      await page.screenshot({ path: join(OPENBELL_SCREENSHOTS, `${name}.png`) });
    }
    assert.deepEqual(watch.problems, [], `${name} has nothing to complain of`);
    assert.deepEqual(watch.strangers, [], `${name} asks nobody else`);
    await page.close();
  }

  /** Sends the example of an operation from the page. @returns status and answer, as they are shown */
  async function call(page: Page, operation: string): Promise<string> {
    const block = page.locator(`#operations-Velocimex-${operation}`);
    if (!(await block.getAttribute('class'))?.includes('is-open')) {
      await block.locator('.opblock-summary-control').click();
    }
    const begin = block.locator('.try-out__btn:not(.cancel)');
    await block.locator('.try-out__btn').waitFor();
    if ((await begin.count()) > 0) await begin.click();
    // What an earlier call was answered is not taken for this one's.
    const clear = block.locator('.btn-clear');
    if ((await clear.count()) > 0) await clear.click();
    await block.locator('.execute').click();
    const reply = block.locator('.live-responses-table');
    await reply.waitFor();
    const status = await reply.locator('.response-col_status').last().textContent();
    const text = await reply.locator('.response-col_description').last().textContent();
    return `${status?.trim()} ${text}`;
  }

  /** A token as a reader gets one. */
  async function login(): Promise<string> {
    const reply = await fetch(`${server.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
    });
    return ((await reply.json()) as { access_token: string }).access_token;
  }

  it('a call made from /docs succeeds once it is authorised', async () => {
    const opened = await open('/docs#/Velocimex/velocimexGetV1AccountBalance');
    const { page, watch } = opened;
    await page.waitForSelector('body[data-ready]');
    assert.match((await page.textContent('.servers select')) ?? '', new RegExp(server.url));

    const balance = await call(page, 'velocimexGetV1AccountBalance');
    assert.match(balance, /^401/);
    assert.match(balance, /AUTHENTICATION_ERROR/);
    // That a reply was 401 is told by the browser, too.
    assert.ok(watch.problems.every((problem) => problem.includes('401')));
    watch.problems.length = 0;

    await page.click('.auth-wrapper .authorize');
    const dialog = page.locator('.dialog-ux');
    const bearer = dialog.locator('.auth-container', { hasText: 'bearer' }).first();
    await bearer.locator('input').fill(await login());
    await bearer.locator('button.authorize').click();
    await dialog.locator('.btn-done').first().click();

    const authorised = await call(page, 'velocimexGetV1AccountBalance');
    assert.match(authorised, /^200[\s\S]*"status": "ok"[\s\S]*"balances"/);
    const order = await call(page, 'velocimexPostV1TradingOrders');
    assert.match(order, /^201[\s\S]*"order_id": "\d+"/);
    await page.locator('.live-responses-table').last().scrollIntoViewIfNeeded();
    await finish(opened, 'docs');
  });

  it('/redoc shows every endpoint', async () => {
    const opened = await open('/redoc/');
    const { page } = opened;
    await page.waitForSelector('body[data-ready]');
    const text = (await page.textContent('#api')) ?? '';
    for (const path of ['/v1/trading/orders', '/api/auth/login', '/binance/mark-prices']) {
      assert.ok(text.includes(path), path);
    }
    await finish(opened, 'redoc');
  });

  it('/asyncapi shows every socket and its messages', async () => {
    const opened = await open('/asyncapi');
    const { page } = opened;
    await page.click('a[href="#native"]');
    const book = page.locator('#native details', { hasText: 'bookDelta' }).first();
    await book.locator('summary').click();
    assert.match((await book.textContent()) ?? '', /crc32[\s\S]*"prev_seq"/);
    await finish(opened, 'asyncapi');
  });
});
