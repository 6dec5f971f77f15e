// A marked segment: announced, recorded, played, encrypted, and gone with a receipt when its time is over.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { files, filesWith, lectern, startServer } from '../lib/server.mjs';
import { call, create, element } from '../lib/lms.mjs';
import { enter, peopleByName, person, seesColour, turnOn } from '../lib/people.mjs';
import { inspect } from '../lib/inspect.mjs';
import { nearest } from '../lib/media.mjs';
import { manifestOf, openPlayback, playbackLink, position } from '../lib/playback.mjs';
import { until } from '../lib/until.mjs';

const CANARY = 'canary-outside-the-mark-7f3a';
const INSIDE = 'said-inside-the-mark-51c2';

let server, teacher, student, ids, recordId, playback, marked;

before(async () => {
  server = await startServer();
  recordId = element(await create(server, 'biology'), 'internalMeetingID');
  teacher = await person({ colour: 'red', hertz: 440 });
  student = await person({ colour: 'magenta', hertz: 880 });
  await enter(teacher, server, 'biology', 'Ada Teacher', 'MODERATOR');
  await enter(student, server, 'biology', 'Sami Pupil', 'VIEWER');
  ids = await until('both are listed', async () => {
    const people = await peopleByName(teacher);
    return people['Ada Teacher'] && people['Sami Pupil'] ? people : null;
  });
});

after(async () => {
  await teacher?.close();
  await student?.close();
  await server?.stop();
});

test('the_canary_is_shown_before_the_mark', async () => {
  await turnOn(student, 'camera');
  await seesColour(teacher, ids['Sami Pupil'], 'magenta');
  await say(student, CANARY);
  await student.page.getByTestId('camera').click();
  await turnOn(teacher, 'camera');
  await turnOn(teacher, 'mic');
  await seesColour(student, ids['Ada Teacher'], 'red');
});

test('r31_everyone_sees_the_announcement_before_it_records', async () => {
  await teacher.page.getByTestId('mark').click();
  await Promise.all([teacher, student].map((who) => who.page.getByTestId('recording-banner').waitFor()));
  assert.equal(files(join(server.data, 'objects')).length, 0, 'nothing is written while it is announced');
  await until('it records', async () => (await student.page.getByTestId('recording-banner').getAttribute('data-state')) === 'on', 8000);
  marked = Date.now();
  await say(student, INSIDE);
});

test('r30_nothing_readable_is_on_the_disk_while_it_records', async () => {
  await until('the files grow', () => files(join(server.data, 'objects')).length >= 2);
  await until('six seconds are recorded', () => Date.now() - marked > 6000);
  assert.deepEqual(filesWith(server.data, Buffer.from([0x1a, 0x45, 0xdf, 0xa3])), [], 'no WebM header');
  assert.deepEqual(filesWith(server.data, INSIDE), []);
});

test('n3_the_segment_plays_within_ten_seconds_of_the_second_press', async () => {
  const pressed = Date.now();
  marked = pressed - marked;
  await teacher.page.getByTestId('mark').click();
  playback = await openPlayback(teacher.context, await playbackLink(server, recordId));
  assert.ok(Date.now() - pressed < 10000, `${Date.now() - pressed} ms`);
});

test('the_segment_holds_exactly_the_marked_time_in_step', async () => {
  const manifest = await manifestOf(playback);
  const [segment] = manifest.segments;
  assert.ok(Math.abs(segment.durationMs - marked) < 1500, `${segment.durationMs} ms recorded, ${marked} ms marked`);
  const [audio, video] = ['microphone', 'camera'].map((source) => segment.tracks.find((one) => one.source === source));
  assert.ok(audio && video, 'a voice and a camera');
  assert.equal(segment.tracks.filter((one) => one.person === ids['Sami Pupil'] && one.source === 'camera').length, 0);
  assert.ok(Math.abs(audio.endMs - video.endMs) < 500);
  assert.ok(JSON.stringify(segment.notes).includes(INSIDE));
  assert.ok(!JSON.stringify(manifest).includes(CANARY));
});

test('r33_the_player_shows_the_teacher_and_never_the_canary', async () => {
  await playback.getByTestId('play').click();
  const seen = new Set();
  await until('the picture plays', async () => {
    for (const rgb of await playback.evaluate(videoColours)) seen.add(nearest(rgb));
    return seen.has('red');
  });
  assert.ok(!seen.has('magenta'));
  const [at, later] = [await position(playback), await until('time passes', async () => (await position(playback)) > 1.5 && (await position(playback)))];
  assert.ok(later > at || later > 1.5);
});

test('r34_a_changed_or_missing_link_opens_nothing', async () => {
  const link = new URL(playback.url());
  const token = await playback.evaluate(() => new URLSearchParams(location.search).get('t') ?? window.lectern.token);
  const fetched = async (t) => (await fetch(`${server.url}${link.pathname}/manifest.json${t === null ? '' : `?t=${encodeURIComponent(t)}`}`)).status;
  assert.equal(await fetched(token), 200);
  const changed = token.slice(0, -4) + (token.at(-4) === 'A' ? 'B' : 'A') + token.slice(-3);
  for (const bad of [null, '', 'x', changed]) assert.ok((await fetched(bad)) >= 400, String(bad));
});

test('r15_the_playback_page_is_accessible_at_every_size', async () => {
  await inspect(playback, 'playback-en');
});

test('r30_the_canary_is_nowhere_on_the_disk', async () => {
  await student.page.getByTestId('leave').click();
  const confirm = student.page.getByTestId('leave-confirm');
  if (await confirm.count()) await confirm.click();
  await call(server, 'end', { meetingID: 'biology', password: 'mp' });
  await until('the meeting ended', async () => element(await call(server, 'isMeetingRunning', { meetingID: 'biology' }), 'running') === 'false');
  assert.deepEqual(filesWith(server.data, CANARY), []);
  assert.deepEqual(filesWith(server.data, INSIDE), [], 'what was said inside is there, but encrypted');
  assert.deepEqual(filesWith(server.data, Buffer.from([0x1a, 0x45, 0xdf, 0xa3])), []);
});

test('r51_eight_days_later_it_is_erased_with_a_receipt', async () => {
  const before = files(join(server.data, 'objects')).length;
  assert.ok(before > 0);
  const keys = readdirSync(join(server.data, 'keys'), { recursive: true }).length;
  const later = new Date(Date.now() + 8 * 86400000).toISOString();
  const dry = lectern(server, 'retention', 'run', '--at', later, '--dry-run');
  assert.equal(dry.code, 0, dry.out);
  assert.equal(files(join(server.data, 'objects')).length, before, 'a dry run erases nothing');
  const run = lectern(server, 'retention', 'run', '--at', later);
  assert.equal(run.code, 0, run.out);
  assert.equal(files(join(server.data, 'objects')).length, 0, run.out);
  assert.ok(readdirSync(join(server.data, 'keys'), { recursive: true }).length < keys, 'its key is destroyed');
  assert.match(await call(server, 'getRecordings', { recordID: recordId, state: 'any' }), /noRecordings/);
});

test('n1_the_receipt_is_accepted_and_every_changed_byte_refused', async () => {
  assert.equal(lectern(server, 'receipts', 'verify').code, 0);
  const chain = join(server.data, 'receipts', 'chain.jsonl');
  const bytes = readFileSync(chain);
  for (const at of [0, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2), bytes.length - 3]) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    writeFileSync(chain, changed);
    assert.notEqual(lectern(server, 'receipts', 'verify').code, 0, `byte ${at}`);
  }
  writeFileSync(chain, bytes);
  assert.equal(lectern(server, 'receipts', 'verify').code, 0);
});

test('r50_a_class_without_a_mark_leaves_no_object', async () => {
  const xml = await create(server, 'unmarked');
  await enter(teacher, server, 'unmarked', 'Ada Teacher', 'MODERATOR');
  await turnOn(teacher, 'camera');
  await say(teacher, CANARY);
  await call(server, 'end', { meetingID: 'unmarked', password: 'mp' });
  assert.equal(files(join(server.data, 'objects')).length, 0);
  assert.deepEqual(filesWith(server.data, CANARY), []);
  assert.ok(element(xml, 'internalMeetingID'));
});

async function say(who, text) {
  if ((await who.page.getByTestId('chat-input').count()) === 0) await who.page.getByTestId('chat').click();
  await who.page.getByTestId('chat-input').fill(text);
  await who.page.getByTestId('chat-send').click();
  await until('it is said', async () => (await who.page.getByTestId('chat-message').allTextContents()).some((line) => line.includes(text)));
}

/** In the page: the middle pixel of every playing video. */
function videoColours() {
  return [...document.querySelectorAll('video')].filter((video) => video.readyState >= 2 && video.videoWidth > 0).map((video) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [32, 18];
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 32, 18);
    return [...context.getImageData(16, 11, 1, 1).data.slice(0, 3)];
  });
}
