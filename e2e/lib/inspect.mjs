// Looks at a page as its visitors may have it: both themes, three widths, a picture of each, and nothing for axe to find.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = join(dirname(fileURLToPath(import.meta.url)), '..', 'artifacts');
const SIZES = [[360, 740], [768, 1024], [1440, 900]];

/** Calls `show` before each look; keeps pictures as `artifacts/NAME-THEME-WIDTH.png`. */
export async function inspect(page, name, show = async () => {}) {
  mkdirSync(shots, { recursive: true });
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await show();
      await page.screenshot({ path: join(shots, `${name}-${theme}-${width}.png`) });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide at ${width}`);
    }
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`), []);
  }
}
