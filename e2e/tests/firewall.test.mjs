// Classes behind a firewall that drops UDP, inside a network namespace (see lib/namespace.mjs).
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dropUdp, makeNamespace, removeNamespace } from '../lib/namespace.mjs';

const inside = join(dirname(fileURLToPath(import.meta.url)), '..', 'lib', 'firewall-class.mjs');
const skip = process.getuid() !== 0 && 'network namespaces need root';

for (const way of ['tcp', 'relay']) {
  test(`without_udp_a_class_is_connected_within_five_seconds_by_${way}`, { skip }, () => {
    const [command, ...prefix] = makeNamespace();
    try {
      dropUdp();
      const run = spawnSync(command, [...prefix, process.execPath, inside, way], { encoding: 'utf8', timeout: 120000 });
      assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
      console.log(run.stdout.trim());
    } finally {
      removeNamespace();
    }
  });
}
