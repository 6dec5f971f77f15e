// Every page: nothing for axe to find, in both themes and at three widths, kept as screenshots under artifacts/.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { inspect } from '../lib/inspect.mjs';
import { startServer } from '../lib/server.mjs';
import { create, joinLink } from '../lib/lms.mjs';
import { person, turnOn } from '../lib/people.mjs';

let server, visitor;

before(async () => {
  server = await startServer();
  visitor = await person({ colour: 'blue' });
});

after(async () => {
  await visitor?.close();
  await server?.stop();
});

for (const language of ['en', 'de']) {
  test(`r15_demo_page_${language}`, async () => {
    await look('demo', language, async (page) => {
      await page.goto(`${server.url}/demo`);
      await page.getByRole('main').waitFor();
    });
  });

  test(`r15_message_page_${language}`, async () => {
    await look('message', language, async (page) => {
      const answer = await page.goto(`${server.url}/room?sessionToken=unknown`);
      assert.ok(answer.status() < 500);
      await page.getByRole('heading').first().waitFor();
    });
  });

  test(`r15_device_check_and_room_${language}`, async () => {
    await create(server, `pages-${language}`);
    let joined = false;
    await look('device-check', language, async (page) => {
      if (joined) return;
      joined = true;
      await page.goto(joinLink(server, `pages-${language}`, 'Ada Teacher', 'MODERATOR'));
      await page.getByTestId('device-check').waitFor();
    });
    let entered = false;
    await look('room', language, async (page) => {
      if (entered) return;
      entered = true;
      await page.getByTestId('join').click();
      await page.getByTestId('leave').waitFor();
      await turnOn({ page }, 'camera');
      await page.getByTestId('people').click();
      await page.getByTestId('person').first().waitFor();
    });
  });
}

test('r15_the_room_is_reached_and_left_by_keyboard', async () => {
  const page = visitor.page;
  await create(server, 'keyboard');
  await page.goto(joinLink(server, 'keyboard', 'Ada Teacher', 'MODERATOR'));
  await page.getByTestId('join').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('leave').waitFor();
  const reached = new Set();
  for (let press = 0; press < 40; press++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.dataset?.testid));
  }
  for (const control of ['mic', 'camera', 'share', 'hand', 'react', 'mark', 'leave']) assert.ok(reached.has(control), control);
});

/** Shows a page in one language, in both themes at every width. */
async function look(name, language, show) {
  const page = visitor.page;
  await page.setExtraHTTPHeaders({ 'accept-language': language });
  await page.addInitScript((tag) => Object.defineProperty(navigator, 'language', { get: () => tag, configurable: true }), language);
  await page.addInitScript((tag) => Object.defineProperty(navigator, 'languages', { get: () => [tag], configurable: true }), language);
  await inspect(page, `${name}-${language}`, async () => {
    await show(page);
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
  });
}
