// Bad input and broken parts: a class goes on whatever strangers send and whichever helper process dies.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { spawnSync } from 'node:child_process';
import { lectern, startServer, SECRET } from '../lib/server.mjs';
import { call, create, element, joinLink } from '../lib/lms.mjs';
import { enter, peopleByName, person, seesColour, stats, turnOn } from '../lib/people.mjs';
import { until } from '../lib/until.mjs';

let server, teacher, student, ids;

before(async () => {
  server = await startServer();
  await create(server, 'chemistry');
  teacher = await person({ colour: 'blue' });
  student = await person({ colour: 'green' });
  await enter(teacher, server, 'chemistry', 'Ada Teacher', 'MODERATOR');
  await enter(student, server, 'chemistry', 'Sami Pupil', 'VIEWER');
  ids = await until('both are listed', async () => {
    const people = await peopleByName(student);
    return people['Ada Teacher'] && people['Sami Pupil'] ? people : null;
  });
  await turnOn(teacher, 'camera');
  await seesColour(student, ids['Ada Teacher'], 'blue');
});

after(async () => {
  await teacher?.close();
  await student?.close();
  await server?.stop();
});

test('a_wrong_checksum_starts_nothing', async () => {
  const xml = await call(server, 'create', { name: 'x', meetingID: 'forged' }, 'wrong-secret');
  assert.equal(element(xml, 'returncode'), 'FAILED');
  assert.equal(element(xml, 'messageKey'), 'checksumError');
  assert.equal(element(await call(server, 'getMeetingInfo', { meetingID: 'forged' }), 'messageKey'), 'notFound');
});

test('a_hundred_thousand_random_datagrams_do_not_stop_the_video', async () => {
  const before = await frames();
  await flood(100_000);
  await until('frames go on', async () => (await frames()) > before + 10, 10000);
  await seesColour(student, ids['Ada Teacher'], 'blue');
  const dropped = await server.metrics();
  assert.match(dropped, /lectern_packets_dropped_total\{reason="[^"]+"\} [1-9]/);
});

test('a_forged_token_closes_the_socket_with_words', async () => {
  const { code, messages } = await socket('not.a-token');
  assert.equal(code, 4004);
  assert.equal(messages[0].type, 'closed');
  assert.ok(messages[0].message.length > 20);
});

test('a_killed_recorder_ends_no_class', async () => {
  const children = recorders();
  assert.ok(children.length >= 1, 'the recorder is a process of its own');
  const before = await frames();
  for (const child of children) process.kill(Number(child), 'SIGKILL');
  await until('frames go on', async () => (await frames()) > before + 10, 10000);
  await until('another recorder is there', () => recorders().some((child) => !children.includes(child)), 15000);
});

test('a_busy_port_is_one_clear_line_and_exit_code_69', () => {
  const run = lectern(server, 'serve');
  assert.equal(run.code, 69, run.out);
  assert.match(run.out, new RegExp(new URL(server.url).port));
});

test('a_link_used_in_another_browser_is_refused', async () => {
  const first = await fetch(joinLink(server, 'chemistry', 'Eve', 'VIEWER'), { redirect: 'manual' });
  const token = new URL(first.headers.get('location'), server.url).searchParams.get('sessionToken');
  const stolen = await fetch(`${server.url}/api/session`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sessionToken: token }),
  });
  assert.ok(stolen.status === 401 || stolen.status === 403 || stolen.status === 404, String(stolen.status));
});

test('r43_metrics_name_no_person_and_no_address', async () => {
  const text = await server.metrics();
  for (const secret of ['Ada', 'Sami', 'chemistry', '127.0.0.1', SECRET, ids['Ada Teacher']]) {
    assert.ok(!text.includes(secret), secret);
  }
  assert.match(text, /lectern_participants\{[^}]*role="moderator"[^}]*\} 1/);
  assert.match(text, /lectern_meetings_active 1/);
});

test('r8_r43_the_log_names_no_person', () => {
  for (const secret of ['Ada', 'Sami', SECRET]) assert.ok(!server.log().includes(secret), secret);
});

/** The server's child processes. */
function recorders() {
  return spawnSync('pgrep', ['-P', String(server.pid)], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean);
}

async function frames() {
  return (await stats(student)).slots.find((one) => one.person === ids['Ada Teacher'] && one.kind === 'video')?.framesDecoded ?? 0;
}

/** Sends that many datagrams of seeded noise that look like STUN, DTLS, RTP and RTCP, a thousand at a time. */
async function flood(count) {
  const out = createSocket('udp4');
  let seed = 0x2545f491;
  const next = () => ((seed ^= seed << 13), (seed ^= seed >>> 17), (seed ^= seed << 5), seed >>> 0);
  const firsts = [0, 1, 20, 22, 23, 63, 128, 144, 191, 200, 255];
  for (let sent = 0; sent < count; ) {
    const burst = [];
    for (let one = 0; one < 1000; one++, sent++) {
      const bytes = Buffer.alloc(next() % 200);
      for (let at = 0; at < bytes.length; at++) bytes[at] = next();
      if (bytes.length) bytes[0] = firsts[next() % firsts.length];
      if (bytes.length > 20 && next() % 4 === 0) bytes.writeUInt32BE(0x2112a442, 4);
      burst.push(new Promise((resolve) => out.send(bytes, server.udp.port, server.udp.ip, resolve)));
    }
    await Promise.all(burst);
  }
  out.close();
}

/** Opens a socket with that token and waits for its end. */
function socket(token) {
  return new Promise((resolve, reject) => {
    const messages = [];
    teacher.page.evaluate(([url, sent]) => new Promise((done) => {
      const socket = new WebSocket(url);
      const got = [];
      socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', version: 1, token: sent, videoSlots: 9, resume: null }));
      socket.onmessage = (message) => got.push(JSON.parse(message.data));
      socket.onclose = (event) => done({ code: event.code, messages: got });
    }), [`${server.url.replace('http', 'ws')}/ws`, token]).then((result) => resolve({ ...result, messages: result.messages ?? messages }), reject);
  });
}
