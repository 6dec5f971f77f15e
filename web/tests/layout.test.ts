import { describe, expect, test } from 'vitest';

import { grid, page, pageSize } from '../src/shared/layout';
import { pieces } from '../src/shared/links';

describe('the grid', () => {
  test.each([
    [1, 1440, 800],
    [2, 1440, 800],
    [9, 360, 560],
    [25, 1440, 800],
    [7, 768, 900],
  ])('%i tiles stay inside %i × %i', (count, width, height) => {
    const { columns, rows, width: tile, height: high } = grid(count, width, height, 8);
    expect(columns * rows).toBeGreaterThanOrEqual(count);
    expect(columns * tile + 8 * (columns - 1)).toBeLessThanOrEqual(width);
    expect(rows * high + 8 * (rows - 1)).toBeLessThanOrEqual(height);
    expect(tile).toBeGreaterThan(0);
  });

  test('a narrow phone stacks two people, a wide screen sets them side by side', () => {
    expect(grid(2, 360, 560, 8).columns).toBe(1);
    expect(grid(2, 1440, 700, 8).columns).toBe(2);
  });

  test('no space and nobody break nothing', () => {
    expect(grid(0, 0, 0, 8)).toMatchObject({ columns: 1, width: 0 });
    expect(grid(3, 0, 0, 8).width).toBe(0);
  });
});

describe('pages', () => {
  const thirty = Array.from({ length: 30 }, (_, at) => at);

  test('25 tiles at a time, 9 on phones', () => {
    expect(pageSize(1440, 900)).toBe(25);
    expect(pageSize(360, 740)).toBe(9);
    expect(pageSize(740, 360)).toBe(9);
  });

  test('the last page holds the rest, and a page that vanished becomes the last', () => {
    expect(page(thirty, 1, 25)).toMatchObject({ index: 1, count: 2, items: [25, 26, 27, 28, 29] });
    expect(page(thirty.slice(0, 3), 1, 25)).toMatchObject({ index: 0, count: 1 });
    expect(page([], 0, 25)).toMatchObject({ index: 0, count: 1, items: [] });
  });
});

describe('links in chat', () => {
  test('addresses become links without the sentence that surrounds them', () => {
    expect(pieces('See https://example.org/a?b=c, and (https://example.org/x).')).toEqual([
      { text: 'See ' },
      { text: 'https://example.org/a?b=c', href: 'https://example.org/a?b=c' },
      { text: ', and (' },
      { text: 'https://example.org/x', href: 'https://example.org/x' },
      { text: ').' },
    ]);
  });

  test('brackets inside an address stay', () => {
    expect(pieces('https://de.wikipedia.org/wiki/Satz_(Mathematik)')[0]?.text).toBe(
      'https://de.wikipedia.org/wiki/Satz_(Mathematik)',
    );
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', '<a href=x>', 'http://', 'plain'])('%s stays text', (text) => {
    expect(pieces(text).every((piece) => piece.href === undefined)).toBe(true);
    expect(pieces(text).map((piece) => piece.text).join('')).toBe(text);
  });
});
