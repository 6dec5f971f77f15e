// A Chromium that sends its camera as VP8, VP9 and AV1, and a Firefox that sees it in windows of many sizes; ends with 0
// when every frame was whole. Run by codecs.test.mjs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { decoding, rememberConnections, sendAs, watchFrames } from './codecs.mjs';
import { startServer } from './server.mjs';
import { create, joinLink } from './lms.mjs';
import { chromeFlags, enter, peopleByName, person, turnOn } from './people.mjs';
import { ADDRESS } from './namespace.mjs';
import { until } from './until.mjs';

const WINDOWS = [{ width: 420, height: 560 }, { width: 1500, height: 950 }, { width: 700, height: 560 }];

const server = await startServer({ ip: ADDRESS });
const profile = mkdtempSync(join(tmpdir(), 'lectern-firefox-'));
let firefox, teacher;
try {
  await create(server, 'music');
  teacher = await person({ colour: 'red', flags: chromeFlags.insecureOrigin(server.url) });
  await teacher.context.addInitScript(rememberConnections);
  await enter(teacher, server, 'music', 'Ada Teacher', 'MODERATOR');
  await turnOn(teacher, 'camera');
  const teacherId = (await peopleByName(teacher))['Ada Teacher'];

  firefox = await puppeteer.launch({
    browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true, userDataDir: profile,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.autoplay.default': 0,
      'media.devices.insecure.enabled': true,
      'media.getusermedia.insecure.enabled': true,
      'intl.accept_languages': 'en',
    },
  });
  const page = await firefox.newPage();
  await page.evaluateOnNewDocument(rememberConnections);
  await page.goto(joinLink(server, 'music', 'Fia Fox', 'VIEWER'));
  await page.waitForSelector('[data-testid=join]');
  await page.click('[data-testid=join]');
  await page.waitForSelector('[data-testid=leave]', { timeout: 30000 });

  for (const mimeType of ['video/VP8', 'video/VP9', 'video/AV1']) {
    await sendAs(teacher, mimeType);
    await until(`${mimeType} is decoded`, async () => (await page.evaluate(decoding)).mimeType === mimeType, 30000);
    await page.evaluate(watchFrames, teacherId);
    for (let turn = 0; turn < 2 * WINDOWS.length; turn++) {
      await page.setViewport(WINDOWS[turn % WINDOWS.length]);
      const before = await page.evaluate(decoding);
      await until('frames go on', async () => (await page.evaluate(decoding)).framesDecoded >= before.framesDecoded + 15, 20000);
    }
    const { seen, torn } = await page.evaluate(() => window.frames.stop());
    assert.ok(seen >= 30, `${seen} frames of ${mimeType} were looked at`);
    assert.deepEqual(torn, [], mimeType);
    console.log(mimeType, seen, 'frames');
  }
} catch (error) {
  console.error(error, server.log());
  process.exitCode = 1;
} finally {
  await firefox?.close().catch(() => {});
  await teacher?.close();
  await server.stop();
  rmSync(profile, { recursive: true, force: true });
}
