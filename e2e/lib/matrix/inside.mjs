// Runs cells of the matrix inside the server's namespace: a teacher beside the server, a pupil behind the bad link.
// Usage: inside.mjs NAME…; prints a row for each and ends with 1 when one is below its floors.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../server.mjs';
import { create } from '../lms.mjs';
import { chromeFlags, enter, person, stats, turnOn } from '../people.mjs';
import { until } from '../until.mjs';
import { CELLS, missed } from './cells.mjs';
import { farChromium, layLink } from './network.mjs';
import { clock, keepPeers, startWatching, watched } from './watch.mjs';

const SETTLE_MS = 8000;
const MEASURE_MS = 15000;
const LEAD_MS = 3000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ten frames a second of moving patterns, as costly to send as a camera's. */
function movingFilm(folder) {
  const path = join(folder, 'moving.y4m');
  const run = spawnSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=10:duration=3', '-pix_fmt', 'yuv420p', path], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`ffmpeg: ${run.stderr}`);
  return path;
}

async function measure(cell, folder, picture) {
  const link = await layLink(cell);
  const server = await startServer({ ip: link.address });
  const flags = chromeFlags.insecureOrigin(server.url);
  const people = [];
  try {
    await create(server, cell.name);
    const teacher = await person({ picture, flags });
    people.push(teacher);
    const pupil = await person({ colour: 'green', flags, executable: farChromium(folder) });
    people.push(pupil);
    for (const who of people) await who.context.addInitScript(keepPeers);
    await enter(teacher, server, cell.name, 'Ada Teacher', 'MODERATOR');
    await turnOn(teacher, 'camera');
    await turnOn(teacher, 'mic');
    await enter(pupil, server, cell.name, 'Sami Pupil', 'VIEWER');
    const { firstFrameMs } = await until('the first frame', async () => {
      const now = await stats(pupil);
      return now.firstFrameMs > 0 && now;
    }, 30000);
    await turnOn(pupil, 'camera');
    await pause(SETTLE_MS);
    await Promise.all(people.map(startWatching));
    const restored = cell.blackoutMs ? await blackout(link, cell, people) : [];
    await pause(MEASURE_MS);
    const carried = await link.set(cell.rules);
    const [up, down] = await Promise.all(people.map((who, at) => watched(who, restored[at])));
    return {
      joinMs: Math.round(firstFrameMs), ...down,
      upFps: up.fps, upGapMs: up.gapMs, upKbit: up.kbit, ...(cell.blackoutMs && { upBackMs: up.backMs }),
      dropped: share(carried.down), carried,
    };
  } finally {
    await Promise.all(people.map((who) => who.close()));
    await server.stop();
    await link.close();
  }
}

/** Cuts the link for a while; gives everyone's clock at its end. */
async function blackout(link, cell, people) {
  await pause(LEAD_MS);
  await link.set({ down: true });
  await pause(cell.blackoutMs);
  await link.set(cell.rules);
  return await Promise.all(people.map(clock));
}

/** The share of packets towards the pupil that the link did not carry. */
function share({ carried, lost, queue_full: full, too_long: long }) {
  return Number(((lost + full + long) / Math.max(1, carried + lost + full + long)).toFixed(3));
}

/** The limits that were missed; a link that was better than it should be proves nothing. */
function belowFloor(cell, measured) {
  if (measured.error) return ['video'];
  const spared = measured.dropped < (cell.rules.loss ?? 0) / 2 || measured.rttMs < 2 * (cell.rules.delay ?? 0);
  return [...missed(measured, cell.floor), ...(spared ? ['link'] : [])];
}

function row(cell, measured, below) {
  const { carried, error, ...figures } = measured;
  const words = error ?? Object.entries(figures).map(([key, value]) => `${key} ${value}`).join('  ');
  const wishes = missed(measured, cell.wish);
  return `${below.length ? '✘' : '✔'} ${cell.name.padEnd(11)} ${words}`
    + (below.length ? `  below the floor: ${below.map((key) => `${key} ${cell.floor[key] ?? ''}`).join(', ')}` : '')
    + (wishes.length ? `  (wished: ${wishes.map((key) => `${key} ${cell.wish[key]}`).join(', ')})` : '');
}

const folder = mkdtempSync(join(tmpdir(), 'lectern-matrix-'));
const results = {};
try {
  const picture = movingFilm(folder);
  for (const cell of CELLS.filter(({ name }) => process.argv.includes(name))) {
    const measured = await measure(cell, folder, picture).catch((error) => ({ error: String(error) }));
    const below = belowFloor(cell, measured);
    if (below.length) process.exitCode = 1;
    results[cell.name] = measured;
    console.log(row(cell, measured, below));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const artifacts = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'artifacts');
mkdirSync(artifacts, { recursive: true });
writeFileSync(join(artifacts, 'matrix.json'), JSON.stringify(results, null, 2));
