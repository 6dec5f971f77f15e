// The teacher's camera in every codec that Chromium sends: the student decodes it in the right colour, over many changes
// of layer, and no picture is ever torn.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startServer } from '../lib/server.mjs';
import { create } from '../lib/lms.mjs';
import { enter, peopleByName, person, seesColour, tileColour, turnOn } from '../lib/people.mjs';
import { until } from '../lib/until.mjs';

/** Sizes of the student's window: the tile grows and shrinks with it, and the layer follows. */
const WINDOWS = [
  { width: 360, height: 480 },
  { width: 1600, height: 1000 },
  { width: 700, height: 560 },
];

let server, teacher, student, teacherId;

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
  assert.equal((await decoding(student)).mimeType, 'video/VP8');
});

for (const mimeType of ['video/VP9', 'video/AV1', 'video/H264', 'video/VP8']) {
  test(`a_camera_in_${mimeType.slice(6).toLowerCase()}_is_seen_over_changes_of_layer`, async () => {
    await sendAs(teacher, mimeType);
    const heights = new Set();
    await until(`${mimeType} is decoded`, async () => (await decoding(student)).mimeType === mimeType, 20000);
    await student.page.evaluate(watchFrames, teacherId);
    for (let turn = 0; turn < 2 * WINDOWS.length; turn++) {
      await student.page.setViewportSize(WINDOWS[turn % WINDOWS.length]);
      const before = await decoding(student);
      await until('frames go on', async () => (await decoding(student)).framesDecoded >= before.framesDecoded + 15, 20000);
      const now = await decoding(student);
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

/** In the page: keeps the connections, so that a test can choose a codec. */
function rememberConnections() {
  const Native = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
    }
  };
}

/** In the page: looks at every frame of somebody's tile; all of it but the moving mark at its top must be red. */
function watchFrames(id) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const found = { seen: 0, torn: [] };
  let going = true;
  const look = (video) => {
    context.drawImage(video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 3, 32, 15);
    found.seen += 1;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue] = data.subarray(at, at + 3);
      if (Math.hypot(red - 200, green - 30, blue - 30) < 60) continue;
      found.torn.push({ frame: found.seen, at: at / 4, red, green, blue });
      return;
    }
  };
  const next = () => {
    const video = document.querySelector(`[data-testid=tile][data-person="${id}"][data-source=camera] video`);
    if (!going) return;
    if (!video) return void setTimeout(next, 20);
    video.requestVideoFrameCallback(() => {
      if (going) look(video);
      next();
    });
  };
  next();
  window.frames = { stop: () => ((going = false), found) };
}

/** Has the camera's encodings sent in a codec, each layer for itself. */
async function sendAs(who, mimeType) {
  await who.page.evaluate(async (wanted) => {
    const sender = window.connections.at(-1).getTransceivers().find(({ mid }) => mid === '1').sender;
    const parameters = sender.getParameters();
    const codec = parameters.codecs.find((one) => one.mimeType === wanted);
    if (!codec) throw new Error(`${wanted} was not agreed upon: ${parameters.codecs.map((one) => one.mimeType)}`);
    for (const encoding of parameters.encodings) Object.assign(encoding, { codec, scalabilityMode: 'L1T1' });
    await sender.setParameters(parameters);
  }, mimeType);
}

/** What the student decodes of the one camera. */
async function decoding(who) {
  return await who.page.evaluate(async () => {
    const report = await window.connections.at(-1).getStats();
    const streams = [...report.values()].filter((one) => one.type === 'inbound-rtp' && one.kind === 'video');
    const best = streams.sort((a, b) => (b.framesDecoded ?? 0) - (a.framesDecoded ?? 0))[0];
    const { framesDecoded = 0, frameHeight = 0, freezeCount = 0, pliCount = 0 } = best ?? {};
    return { framesDecoded, frameHeight, freezeCount, pliCount, mimeType: report.get(best?.codecId)?.mimeType };
  });
}
