// Where tiles go: as large as the space allows, one proportion, whole pages.

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** CSS px. */
  readonly width: number;
  readonly height: number;
}

export const ASPECT = 16 / 9;

/** The arrangement of `count` equal tiles in the space (CSS px) in which a tile is largest. */
export function grid(count: number, width: number, height: number, gap: number, aspect = ASPECT): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const wide = (width - gap * (columns - 1)) / columns;
    const high = (height - gap * (rows - 1)) / rows;
    const tile = Math.floor(Math.min(wide, high * aspect));
    if (tile > best.width) best = { columns, rows, width: tile, height: Math.floor(tile / aspect) };
  }
  return best;
}

/** How many tiles one page holds: what a phone can decode is not what a desktop can. */
export function pageSize(width: number, height: number): number {
  return Math.min(width, height) < 600 ? 9 : 25;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly index: number;
  readonly count: number;
}

/** The page at `index`, or the last one if there are fewer. */
export function page<T>(items: readonly T[], index: number, size: number): Page<T> {
  const count = Math.max(1, Math.ceil(items.length / size));
  const at = Math.min(Math.max(0, index), count - 1);
  return { items: items.slice(at * size, (at + 1) * size), index: at, count };
}
