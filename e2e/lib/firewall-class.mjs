// A class whose UDP is dropped by the firewall of its namespace: everybody connects within five seconds all the same, and
// sees the others. Run by firewall.test.mjs; the argument says which way is left: `tcp` or `relay`.
import assert from 'node:assert/strict';
import { startServer } from './server.mjs';
import { create } from './lms.mjs';
import { chromeFlags, enter, peopleByName, person, seesColour, stats, turnOn } from './people.mjs';
import { ADDRESS } from './namespace.mjs';
import { until } from './until.mjs';

const LIMIT_MS = 5000;
const way = process.argv[2];
const server = await startServer({ ip: ADDRESS });
const people = [];
try {
  await create(server, 'geometry');
  const flags = chromeFlags.insecureOrigin(server.url);
  for (const [name, role, colour] of [['Ada Teacher', 'MODERATOR', 'red'], ['Sami Pupil', 'VIEWER', 'green']]) {
    const one = await person({ colour, flags });
    people.push(one);
    await one.context.addInitScript(watchConnections, way === 'relay' ? 'relay' : 'all');
    await enter(one, server, 'geometry', name, role);
    const ms = await until(`${name} is connected`, () => one.page.evaluate(() => window.connectedAfterMs), LIMIT_MS * 2);
    assert.ok(ms <= LIMIT_MS, `${name} was connected after ${ms} ms`);
    console.log(`${name} was connected after ${Math.round(ms)} ms by ${await one.page.evaluate(() => window.usedWay())}`);
    await turnOn(one, 'camera');
  }
  const [teacher, student] = people;
  const ids = await until('both are listed', async () => {
    const listed = await peopleByName(student);
    return listed['Ada Teacher'] && listed['Sami Pupil'] ? listed : null;
  });
  await seesColour(student, ids['Ada Teacher'], 'red');
  await seesColour(teacher, ids['Sami Pupil'], 'green');
  for (const one of people) {
    const used = await one.page.evaluate(() => window.usedWay());
    assert.match(used, way === 'relay' ? /^relay/ : /tcp$/);
  }
} catch (error) {
  console.error(error, server.log(), await Promise.all(people.map((one) => stats(one).catch(String))));
  process.exitCode = 1;
} finally {
  for (const one of people) await one.close();
  await server.stop();
}

/** In the page: measures from the offer to the connection, tells which way it took, and may allow relays only. */
function watchConnections(policy) {
  const Native = window.RTCPeerConnection;
  let connection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration) {
      super({ ...configuration, iceTransportPolicy: policy });
      connection = this;
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') window.connectedAfterMs ??= performance.now() - this.offered;
      });
    }

    setRemoteDescription(description) {
      this.offered = performance.now();
      return super.setRemoteDescription(description);
    }
  };
  window.usedWay = async () => {
    const all = [...(await connection.getStats()).values()];
    const transport = all.find((one) => one.type === 'transport');
    const pair = all.find((one) => one.id === transport?.selectedCandidatePairId);
    const local = all.find((one) => one.id === pair?.localCandidateId);
    return `${local?.candidateType} ${local?.relayProtocol ?? local?.protocol}`;
  };
}
