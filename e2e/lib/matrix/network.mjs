// Two network namespaces and the bad link between them (link.py).
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = 'lectern-near';
const THERE = 'lectern-far';
const script = join(dirname(fileURLToPath(import.meta.url)), 'link.py');

const FAMILIES = {
  4: { here: '198.18.1.1', there: '198.18.1.2', prefix: 24 },
  6: { here: 'fd00:18::1', there: 'fd00:18::2', prefix: 64 },
};

/** Makes both namespaces; returns the command prefix that runs a program in the server's. */
export function makeNamespaces() {
  removeNamespaces();
  for (const name of [HERE, THERE]) {
    for (const words of [['netns', 'add', name], ['-n', name, 'link', 'set', 'lo', 'up']]) {
      const run = spawnSync('ip', words, { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`ip ${words.join(' ')}: ${run.stderr}`);
    }
  }
  return ['ip', 'netns', 'exec', HERE];
}

/** Removes both. */
export function removeNamespaces() {
  for (const name of [HERE, THERE]) spawnSync('ip', ['netns', 'del', name]);
}

/** Writes a program into `folder` that starts Chromium on the far side; returns its path. */
export function farChromium(folder) {
  const path = join(folder, 'far-chromium');
  writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${THERE} /usr/bin/chromium "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Lays the link between the namespaces, for a program that runs in the server's. */
export async function layLink({ family = 4, rules = {}, farMtu = 1500, seed = 1 }) {
  const { here, there, prefix } = FAMILIES[family];
  const plan = { namespace: THERE, here: [`${here}/${prefix}`], there: [`${there}/${prefix}`], farMtu, seed, rules };
  const child = spawn('python3', [script, JSON.stringify(plan)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the link ended');
    return JSON.parse(value);
  };
  await answer();
  return {
    /** The server's address on the link. */
    address: here,
    /** Sets other rules; gives what both directions have carried so far. */
    async set(next) {
      child.stdin.write(`${JSON.stringify(next)}\n`);
      return await answer();
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
