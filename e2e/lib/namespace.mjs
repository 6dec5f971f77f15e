// Firefox sends no media to 127.0.0.1, so its tests run in a network namespace with an address of its own.
import { spawnSync } from 'node:child_process';

const NAME = 'lectern-e2e';
export const ADDRESS = '198.18.0.1';

/** Makes the namespace; returns the command prefix that runs a program inside it. */
export function makeNamespace() {
  removeNamespace();
  for (const command of [
    ['ip', 'netns', 'add', NAME],
    ['ip', '-n', NAME, 'link', 'set', 'lo', 'up'],
    ['ip', '-n', NAME, 'link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1'],
    ['ip', '-n', NAME, 'addr', 'add', `${ADDRESS}/24`, 'dev', 'd0'],
    ['ip', '-n', NAME, 'link', 'set', 'd0', 'up'],
    ['ip', '-n', NAME, 'link', 'set', 'd1', 'up'],
    // Without a default route Firefox gathers no candidate at all.
    ['ip', '-n', NAME, 'route', 'add', 'default', 'via', '198.18.0.2', 'dev', 'd0'],
  ]) {
    const run = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${command.join(' ')}: ${run.stderr}`);
  }
  return ['ip', 'netns', 'exec', NAME];
}

/** From now on UDP reaches nobody at the address; the server's own parts speak over loopback. */
export function dropUdp() {
  const run = spawnSync('ip', ['netns', 'exec', NAME, 'iptables', '-A', 'OUTPUT', '-p', 'udp', '!', '-d', '127.0.0.0/8', '-j', 'DROP'], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`iptables: ${run.stderr}`);
}

/** Removes the namespace. */
export function removeNamespace() {
  spawnSync('ip', ['netns', 'del', NAME]);
}
