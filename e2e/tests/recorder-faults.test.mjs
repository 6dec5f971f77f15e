// What happens to a recording when its recorder is killed or its disk is full: the class goes on, little is lost.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { files, startServer } from '../lib/server.mjs';
import { call, create, element } from '../lib/lms.mjs';
import { enter, peopleByName, person, seesColour, stats, turnOn } from '../lib/people.mjs';
import { manifestOf, openPlayback, playbackLink } from '../lib/playback.mjs';
import { until } from '../lib/until.mjs';

let teacher, student;

before(async () => {
  teacher = await person({ colour: 'red', hertz: 440 });
  student = await person({ colour: 'green', hertz: 880 });
});

after(async () => {
  await teacher?.close();
  await student?.close();
});

test('a_killed_recorder_loses_at_most_four_seconds', async () => {
  const server = await startServer();
  try {
    const { recordId } = await record(server, 'killed');
    const began = Date.now();
    await until('eight seconds are recorded', () => Date.now() - began > 8000);
    const recorded = Date.now() - began;
    const [child] = children(server);
    process.kill(child, 'SIGKILL');
    const frames = await decoded();
    await until('the class goes on', async () => (await decoded()) > frames + 10, 10000);
    const page = await openPlayback(teacher.context, await playbackLink(server, recordId, 30000));
    const [segment] = (await manifestOf(page)).segments;
    const lost = recorded - Math.max(...segment.tracks.map((track) => track.endMs));
    assert.ok(lost <= 4000, `${lost} ms lost`);
    assert.ok(segment.tracks.length >= 2);
    await page.close();
  } finally {
    await server.stop();
  }
});

test('a_full_disk_stops_the_recording_with_a_banner_not_the_class', { skip: process.getuid() !== 0 && 'a small disk needs root' }, async () => {
  const disk = mkdtempSync(join(tmpdir(), 'lectern-disk-'));
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=260m', 'tmpfs', disk]).status, 0);
  let server;
  try {
    server = await startServer({ data: disk });
    await record(server, 'full');
    await until('files are written', () => files(join(disk, 'objects')).length >= 2);
    fill(disk);
    await until('the banner says so', async () =>
      (await student.page.getByTestId('recording-banner').getAttribute('data-state')) === 'failed', 30000);
    assert.match(await student.page.getByTestId('recording-banner').innerText(), /disk|full|space/i);
    const frames = await decoded();
    await until('the class goes on', async () => (await decoded()) > frames + 10, 10000);
    await teacher.page.getByTestId('mark').click();
    await until('a new mark is refused in words', async () => /disk|space/i.test(await teacher.page.locator('body').innerText()));
  } finally {
    await server?.stop({ keep: true });
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

/** A class of two with a camera and a voice, and a mark that records. */
async function record(server, name) {
  const recordId = element(await create(server, name), 'internalMeetingID');
  await enter(teacher, server, name, 'Ada Teacher', 'MODERATOR');
  await enter(student, server, name, 'Sami Pupil', 'VIEWER');
  await turnOn(teacher, 'camera');
  await turnOn(teacher, 'mic');
  const people = await until('both are listed', async () => {
    const ids = await peopleByName(student);
    return ids['Ada Teacher'] && ids;
  });
  await seesColour(student, people['Ada Teacher'], 'red');
  await teacher.page.getByTestId('mark').click();
  await until('it records', async () => (await student.page.getByTestId('recording-banner').getAttribute('data-state')) === 'on', 10000);
  assert.match(await call(server, 'getMeetingInfo', { meetingID: name }), /<recording>true<\/recording>/);
  return { recordId, people };
}

async function decoded() {
  return (await stats(student)).slots.find((slot) => slot.kind === 'video' && slot.person)?.framesDecoded ?? 0;
}

function children(server) {
  return spawnSync('pgrep', ['-P', String(server.pid)], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean).map(Number);
}

/** Leaves nothing free on a disk. */
function fill(disk) {
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
}
