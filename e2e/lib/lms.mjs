// An LMS: signs calls of the BigBlueButton API as Moodle does.
import { createHash } from 'node:crypto';
import { SECRET } from './server.mjs';

/** The signed URL of a call. */
export function signed(server, call, parameters = {}, secret = SECRET) {
  const query = new URLSearchParams(parameters).toString();
  const checksum = createHash('sha256').update(call + query + secret).digest('hex');
  return `${server.url}/bigbluebutton/api/${call}?${query}${query ? '&' : ''}checksum=${checksum}`;
}

/** Makes the call and returns the XML. */
export async function call(server, name, parameters, secret) {
  return await (await fetch(signed(server, name, parameters, secret))).text();
}

/** The text of the first element of that name, or null. */
export function element(xml, name) {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml);
  return found ? found[1].replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>') : null;
}

/** Creates a meeting that may be recorded and returns its answer. */
export async function create(server, meetingID, more = {}) {
  return await call(server, 'create', {
    name: `Class ${meetingID}`, meetingID, attendeePW: 'ap', moderatorPW: 'mp', record: 'true',
    logoutURL: `${server.url}/demo?left=1`, ...more,
  });
}

/** The link with which somebody joins. */
export function joinLink(server, meetingID, fullName, role, more = {}) {
  return signed(server, 'join', { meetingID, fullName, role, userID: `id-${fullName}`, ...more });
}
