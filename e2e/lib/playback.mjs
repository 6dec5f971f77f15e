// Finding, opening and reading a recording as the LMS and its people do.
import { call } from './lms.mjs';
import { until } from './until.mjs';

/** The signed link of a recording once the LMS answer offers it. */
export async function playbackLink(server, recordID, ms = 10000) {
  return await until('the link is offered', async () => {
    const xml = await call(server, 'getRecordings', { recordID, state: 'any' });
    return /<url>([^<]+)<\/url>/.exec(xml)?.[1].replaceAll('&amp;', '&').trim();
  }, ms);
}

/** Opens the playback page and waits until it is playable. */
export async function openPlayback(context, link, ms = 10000) {
  const page = await context.newPage();
  await page.goto(link);
  await page.locator('[data-testid=playback][data-ready=true]').waitFor({ timeout: ms });
  return page;
}

/** The manifest that the page plays from. */
export async function manifestOf(page) {
  return await page.evaluate(async () => {
    const id = location.pathname.split('/').pop();
    const token = new URLSearchParams(location.search).get('t') ?? window.lectern.token;
    return await (await fetch(`/recordings/${id}/manifest.json?t=${encodeURIComponent(token)}`)).json();
  });
}

/** Where the player is, in seconds. */
export async function position(page) {
  return await page.evaluate(() => Math.max(0, ...[...document.querySelectorAll('video,audio'), ...window.sounds].map((one) => one.currentTime)));
}
