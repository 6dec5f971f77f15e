// A class of one Firefox and one Chromium; ends with 0 when both decode each other's camera. Run by firefox.test.mjs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { startServer } from './server.mjs';
import { create, joinLink } from './lms.mjs';
import { chromeFlags, enter, person, stats, turnOn } from './people.mjs';
import { ADDRESS } from './namespace.mjs';
import { until } from './until.mjs';

const server = await startServer({ ip: ADDRESS });
const profile = mkdtempSync(join(tmpdir(), 'lectern-firefox-'));
let firefox, teacher;
try {
  await create(server, 'music');
  teacher = await person({ colour: 'red', flags: chromeFlags.insecureOrigin(server.url) });
  await enter(teacher, server, 'music', 'Ada Teacher', 'MODERATOR');
  await turnOn(teacher, 'camera');

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
  await page.goto(joinLink(server, 'music', 'Fia Fox', 'VIEWER'));
  await page.waitForSelector('[data-testid=join]');
  await page.click('[data-testid=join]');
  await page.waitForSelector('[data-testid=leave]', { timeout: 30000 });
  await page.click('[data-testid=camera]');

  const decoded = async (read) => (await read()).slots.some((slot) => slot.kind === 'video' && slot.framesDecoded > 10 && slot.width > 0);
  await until('Firefox decodes Chromium', () => decoded(() => page.evaluate(() => window.lectern.stats())), 40000);
  await until('Chromium decodes Firefox', () => decoded(() => stats(teacher)), 40000);
  console.log('both decode each other');
} catch (error) {
  console.error(error, server.log());
  process.exitCode = 1;
} finally {
  await firefox?.close().catch(() => {});
  await teacher?.close();
  await server.stop();
  rmSync(profile, { recursive: true, force: true });
}
