// People in Chromium: each in a browser of their own, with a picture and a tone of their own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { film, nearest, tone } from './media.mjs';
import { joinLink } from './lms.mjs';
import { until } from './until.mjs';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required', '--auto-select-desktop-capture-source=Entire screen',
];

/** Further flags that some tests need. */
export const chromeFlags = {
  /** Treats a plain-HTTP address as a secure context, so that devices may be used. */
  insecureOrigin: (url) => [`--unsafely-treat-insecure-origin-as-secure=${url}`],
};

/**
 * Opens a browser whose camera shows `colour`, or the film `picture` (Y4M), and whose microphone hears `hertz`.
 * `executable` is another way to start Chromium.
 */
export async function person({
  colour = 'red', picture, hertz = 440, language = 'en', viewport = { width: 1280, height: 800 }, flags = [], executable = '/usr/bin/chromium',
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'lectern-person-'));
  const browser = await chromium.launch({
    executablePath: executable,
    args: [
      ...FLAGS,
      ...flags,
      `--use-file-for-fake-video-capture=${picture ?? film(folder, colour)}`,
      `--use-file-for-fake-audio-capture=${tone(folder, hertz)}`,
    ],
  });
  const context = await browser.newContext({ permissions: ['camera', 'microphone'], locale: language, viewport });
  await context.addInitScript(rememberSounds);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return {
    browser, context, page, errors,
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Follows an LMS join link through the device check into the room. */
export async function enter(who, server, meeting, name, role) {
  await who.page.goto(joinLink(server, meeting, name, role));
  await who.page.getByTestId('device-check').waitFor();
  await who.page.getByTestId('join').click();
  await who.page.getByTestId('leave').waitFor();
}

/** Releases the microphone or camera, if it is off. */
export async function turnOn(who, what) {
  const button = who.page.getByTestId(what);
  if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click();
  await until(`${what} is on`, async () => (await button.getAttribute('aria-pressed')) === 'true');
}

/** The statistics of contract.md. */
export async function stats(who) {
  return await who.page.evaluate(() => window.lectern.stats());
}

/** Waits until frames of somebody's source are decoded and painted on that person's tile in the right colour. */
export async function seesColour(who, personId, colour, source = 'camera', ms = 20000) {
  await until(`a ${colour} ${source} on the tile of ${personId}`, async () => (await tileColour(who, personId, source)) === colour, ms);
}

/** The name of the colour in the middle of somebody's tile, or null. */
export async function tileColour(who, personId, source = 'camera') {
  const rgb = await who.page.evaluate(([id, kind]) => {
    const video = document.querySelector(`[data-testid=tile][data-person="${id}"][data-source=${kind}] video`);
    if (!video || video.readyState < 2 || video.videoWidth === 0) return null;
    if (getComputedStyle(video).visibility === 'hidden' || getComputedStyle(video).opacity === '0') return null;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [32, 18];
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 32, 18);
    return [...context.getImageData(16, 11, 1, 1).data.slice(0, 3)];
  }, [personId, source]);
  return rgb && nearest(rgb);
}

/** The ids of the people in the room by name, read from the people panel. */
export async function peopleByName(who) {
  const panel = who.page.getByTestId('person');
  if ((await panel.count()) === 0) await who.page.getByTestId('people').click();
  await panel.first().waitFor();
  return await who.page.evaluate(() =>
    Object.fromEntries([...document.querySelectorAll('[data-testid=person]')].map((row) => [row.dataset.name ?? row.textContent.trim(), row.dataset.person])));
}

/** In the page: remembers sound elements that are made without being put into the document. */
function rememberSounds() {
  const Native = window.Audio;
  window.sounds = [];
  window.Audio = function (...given) {
    const element = new Native(...given);
    window.sounds.push(element);
    return element;
  };
}

/** The loudest frequency that somebody hears, in Hz; 0 when it is quiet. */
export async function pitch(who) {
  return await who.page.evaluate(async () => {
    const elements = new Set([...window.sounds, ...document.querySelectorAll('audio')]);
    const streams = [...elements].map((one) => one.srcObject).filter(Boolean);
    const context = (window.pitchContext ??= new AudioContext({ sampleRate: 48000 }));
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    const sources = streams.map((stream) => context.createMediaStreamSource(stream));
    for (const source of sources) source.connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    for (const source of sources) source.disconnect();
    const best = bins.indexOf(Math.max(...bins));
    return bins[best] < -80 ? 0 : (best * context.sampleRate) / analyser.fftSize;
  });
}
