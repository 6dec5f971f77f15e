// The teacher's camera in every codec that Chromium sends: the student decodes it in the right colour, over many changes
// of layer, and no picture is ever torn.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../lib/server.mjs';
import { create } from '../lib/lms.mjs';
import { enter, peopleByName, person, seesColour, tileColour, turnOn } from '../lib/people.mjs';
import { decoding, rememberConnections, sendAs, watchFrames } from '../lib/codecs.mjs';
import { makeNamespace, removeNamespace } from '../lib/namespace.mjs';
import { until } from '../lib/until.mjs';

/** Sizes of the student's window: the tile grows and shrinks with it, and the layer follows. */
const WINDOWS = [
  { width: 360, height: 480 },
  { width: 1600, height: 1000 },
  { width: 700, height: 560 },
];

let server, teacher, student, teacherId;

/** What the student decodes. */
const decodes = () => student.page.evaluate(decoding);

before(async () => {
  server = await startServer();
  await create(server, 'geometry');
  teacher = await person({ colour: 'red', hertz: 440 });
  student = await person({ colour: 'green', hertz: 880, viewport: WINDOWS[0] });
  for (const who of [teacher, student]) await who.context.addInitScript(rememberConnections);
  await enter(teacher, server, 'geometry', 'Ada Teacher', 'MODERATOR');
  await enter(student, server, 'geometry', 'Sami Pupil', 'VIEWER');
  teacherId = await until('the teacher is listed', async () => (await peopleByName(teacher))['Ada Teacher']);
  await turnOn(teacher, 'camera');
});

after(async () => {
  await teacher?.close();
  await student?.close();
  await server?.stop();
});

test('vp8_is_what_is_sent_unless_told_otherwise', async () => {
  await seesColour(student, teacherId, 'red');
  assert.equal((await decodes()).mimeType, 'video/VP8');
});

for (const mimeType of ['video/VP9', 'video/AV1', 'video/H264', 'video/VP8']) {
  test(`a_camera_in_${mimeType.slice(6).toLowerCase()}_is_seen_over_changes_of_layer`, async () => {
    await sendAs(teacher, mimeType);
    const heights = new Set();
    await until(`${mimeType} is decoded`, async () => (await decodes()).mimeType === mimeType, 20000);
    await student.page.evaluate(watchFrames, teacherId);
    for (let turn = 0; turn < 2 * WINDOWS.length; turn++) {
      await student.page.setViewportSize(WINDOWS[turn % WINDOWS.length]);
      const before = await decodes();
      await until('frames go on', async () => (await decodes()).framesDecoded >= before.framesDecoded + 15, 20000);
      const now = await decodes();
      assert.equal(now.mimeType, mimeType);
      heights.add(now.frameHeight);
      assert.equal(await tileColour(student, teacherId), 'red', `window ${turn}`);
    }
    const { seen, torn } = await student.page.evaluate(() => window.frames.stop());
    assert.ok(seen >= 60, `${seen} frames were looked at`);
    assert.deepEqual(torn, []);
    assert.ok(heights.size > 1, `layers change: ${[...heights]}`);
  });
}

test('firefox_decodes_vp9_and_av1_from_chromium', { skip: process.getuid() !== 0 && 'network namespaces need root' }, () => {
  const [command, ...prefix] = makeNamespace();
  try {
    const inside = join(dirname(fileURLToPath(import.meta.url)), '..', 'lib', 'firefox-codecs.mjs');
    const run = spawnSync(command, [...prefix, process.execPath, inside], { encoding: 'utf8', timeout: 200000 });
    assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
  } finally {
    removeNamespace();
  }
});
