// A class in Chromium, from the LMS link to the logout page: two people see and hear each other, talk and leave.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startServer } from '../lib/server.mjs';
import { call, create, element } from '../lib/lms.mjs';
import { enter, peopleByName, person, pitch, seesColour, stats, turnOn } from '../lib/people.mjs';
import { until } from '../lib/until.mjs';

let server, teacher, student, ids;

before(async () => {
  server = await startServer();
  assert.equal(element(await create(server, 'physics'), 'returncode'), 'SUCCESS');
  teacher = await person({ colour: 'red', hertz: 440 });
  student = await person({ colour: 'green', hertz: 880, language: 'de' });
});

after(async () => {
  await teacher?.close();
  await student?.close();
  await server?.stop();
});

test('r1_r2_two_people_join_by_their_links', async () => {
  await enter(teacher, server, 'physics', 'Ada Teacher', 'MODERATOR');
  await enter(student, server, 'physics', 'Sami Pupil', 'VIEWER');
  ids = await until('both are listed', async () => {
    const people = await peopleByName(teacher);
    return people['Ada Teacher'] && people['Sami Pupil'] ? people : null;
  });
});

test('r5_one_session_cookie_and_no_name_in_any_address', async () => {
  const cookies = await teacher.context.cookies();
  assert.equal(cookies.length, 1);
  assert.equal(cookies[0].name, 'lectern');
  assert.equal(cookies[0].expires, -1, 'it is gone when the browser closes');
  assert.ok(cookies[0].httpOnly);
  assert.doesNotMatch(teacher.page.url(), /Ada|Teacher|sessionToken/);
});

test('r11_microphone_and_camera_are_off_until_released', async () => {
  for (const who of [teacher, student]) {
    for (const source of ['mic', 'camera']) {
      assert.equal(await who.page.getByTestId(source).getAttribute('aria-pressed'), 'false');
    }
    assert.deepEqual((await stats(who)).publish.filter((sent) => sent.bitrate > 0), []);
  }
});

test('each_tile_shows_the_right_person', async () => {
  await turnOn(teacher, 'camera');
  await turnOn(student, 'camera');
  await seesColour(student, ids['Ada Teacher'], 'red');
  await seesColour(teacher, ids['Sami Pupil'], 'green');
  const received = await until('frames are decoded', async () => {
    const slot = (await stats(student)).slots.find((one) => one.kind === 'video' && one.person === ids['Ada Teacher']);
    return slot?.framesDecoded > 10 && slot;
  });
  assert.ok(received.width > 0 && received.height > 0);
});

test('three_simulcast_encodings_are_sent', async () => {
  await until('three encodings flow', async () => {
    const sent = (await stats(teacher)).publish.filter((one) => one.source === 'camera' && one.bitrate > 0);
    return ['q', 'h', 'f'].every((rid) => sent.some((one) => one.rid === rid));
  }, 40000);
});

test('voices_are_heard_at_their_pitch', async () => {
  await turnOn(teacher, 'mic');
  await until('the tone is heard', async () => Math.abs((await pitch(student)) - 440) < 25);
  assert.equal(await pitch(teacher), 0, 'nobody hears themselves');
});

test('a_moderator_mutes_and_cannot_unmute', async () => {
  await turnOn(student, 'mic');
  await teacher.page.locator(`[data-testid=person][data-person="${ids['Sami Pupil']}"]`).getByTestId('mute').click();
  await until('the student is muted', async () => (await student.page.getByTestId('mic').getAttribute('aria-pressed')) === 'false');
  assert.equal(await teacher.page.getByTestId('unmute').count(), 0);
});

test('chat_hands_and_reactions_arrive', async () => {
  if ((await student.page.getByTestId('chat-input').count()) === 0) await student.page.getByTestId('chat').click();
  await student.page.getByTestId('chat-input').fill('Guten Morgen <b>Ada</b>');
  await student.page.getByTestId('chat-send').click();
  if ((await teacher.page.getByTestId('chat-message').count()) === 0) await teacher.page.getByTestId('chat').click();
  await until('the message arrives as text', async () =>
    (await teacher.page.getByTestId('chat-message').allTextContents()).some((text) => text.includes('Guten Morgen <b>Ada</b>')));
  await student.page.getByTestId('hand').click();
  await teacher.page.getByTestId('people').click();
  await until('the hand is seen', async () =>
    (await teacher.page.locator(`[data-testid=person][data-person="${ids['Sami Pupil']}"]`).getAttribute('data-hand')) === '1');
  await student.page.getByTestId('react').click();
  await student.page.getByTestId('react-option').first().click();
  await teacher.page.getByTestId('reaction').first().waitFor();
});

test('the_screen_is_shared_with_all', async () => {
  await teacher.page.getByTestId('share').click();
  await until('the screen is shown', async () => {
    const slot = (await stats(student)).slots.find((one) => one.kind === 'screen' && one.person === ids['Ada Teacher']);
    return slot?.framesDecoded > 2;
  }, 20000);
  await student.page.locator(`[data-testid=tile][data-person="${ids['Ada Teacher']}"][data-source=screen] video`).waitFor();
  await until('its sound arrives', async () =>
    (await stats(student)).slots.some((one) => one.kind === 'screenAudio' && one.person === ids['Ada Teacher']));
  await teacher.page.getByTestId('share').click();
});

test('a_dropped_socket_resumes_while_media_goes_on', async () => {
  const before = (await stats(student)).slots.find((one) => one.person === ids['Ada Teacher'] && one.kind === 'video').framesDecoded;
  await student.context.setOffline(true);
  await student.page.evaluate(() => window.lectern.dropSocket?.());
  await student.context.setOffline(false);
  await until('the reconnect is counted', async () => /lectern_reconnects_total [1-9]/.test(await server.metrics()), 20000);
  const after = (await stats(student)).slots.find((one) => one.person === ids['Ada Teacher'] && one.kind === 'video').framesDecoded;
  assert.ok(after >= before, 'the decoder went on');
  await seesColour(student, ids['Ada Teacher'], 'red', 'camera', 2000);
});

test('r41_get_meeting_info_tells_the_truth', async () => {
  const info = await call(server, 'getMeetingInfo', { meetingID: 'physics' });
  assert.equal(element(info, 'participantCount'), '2');
  assert.equal(element(info, 'moderatorCount'), '1');
  assert.equal(element(info, 'running'), 'true');
  assert.match(info, /<fullName>Sami Pupil<\/fullName>/);
  assert.match(info, /<userID>id-Sami Pupil<\/userID>/);
});

test('leaving_lands_on_the_front_end', async () => {
  await student.page.getByTestId('leave').click();
  const confirm = student.page.getByTestId('leave-confirm');
  if (await confirm.count()) await confirm.click();
  await student.page.waitForURL(/\/demo\?left=1/);
  await until('the teacher is alone', async () => Object.keys(await peopleByName(teacher)).length === 1);
});

test('no_page_reported_an_error', () => {
  const serious = (errors) => errors.filter((text) => !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(text));
  assert.deepEqual(serious(teacher.errors), []);
  assert.deepEqual(serious(student.errors), []);
});
