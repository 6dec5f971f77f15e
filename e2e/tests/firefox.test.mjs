// Firefox ESR and Chromium in one class, inside a network namespace (see lib/namespace.mjs).
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeNamespace, removeNamespace } from '../lib/namespace.mjs';

const inside = join(dirname(fileURLToPath(import.meta.url)), '..', 'lib', 'firefox-class.mjs');

test('r15_firefox_and_chromium_see_each_other', { skip: process.getuid() !== 0 && 'network namespaces need root' }, () => {
  const [command, ...prefix] = makeNamespace();
  try {
    const run = spawnSync(command, [...prefix, process.execPath, inside], { encoding: 'utf8', timeout: 150000 });
    assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
  } finally {
    removeNamespace();
  }
});
