// Tells the server what is shown and how large, so that it sends no more than that.

import type { PersonId } from '../../generated/PersonId';
import type { Source } from '../../generated/Source';
import type { View } from '../../generated/View';

export interface Shown {
  readonly person: PersonId;
  readonly source: Source;
  /** 0 is served first. */
  readonly priority: number;
}

const SETTLE_MS = 120;
/** A hidden tab keeps its pictures for this long: switching back and forth shall not cost keyframes. */
const HIDDEN_MS = 15_000;

export class Viewport {
  readonly #tiles = new Map<Element, { shown: Shown; visible: boolean }>();
  readonly #send: (views: View[]) => void;
  readonly #sizes = new ResizeObserver(() => this.#settle());
  readonly #sights = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const tile = this.#tiles.get(entry.target);
      if (tile) tile.visible = entry.isIntersecting;
    }
    this.#settle();
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #away: ReturnType<typeof setTimeout> | undefined;
  #hidden = false;
  #last = '[]';

  constructor(send: (views: View[]) => void) {
    this.#send = send;
    document.addEventListener('visibilitychange', this.#visibility);
  }

  /** Watches a tile until the returned function is called. */
  watch(element: Element, shown: Shown): () => void {
    this.#tiles.set(element, { shown, visible: false });
    this.#sizes.observe(element);
    this.#sights.observe(element);
    return () => {
      this.#tiles.delete(element);
      this.#sizes.unobserve(element);
      this.#sights.unobserve(element);
      this.#settle();
    };
  }

  /** Says everything again, to a server that does not know it any more. */
  repeat(): void {
    this.#last = '';
    this.#settle();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    this.#sizes.disconnect();
    this.#sights.disconnect();
    clearTimeout(this.#timer);
    clearTimeout(this.#away);
  }

  readonly #visibility = (): void => {
    clearTimeout(this.#away);
    this.#away = setTimeout(
      () => {
        this.#hidden = document.hidden;
        this.#settle();
      },
      document.hidden ? HIDDEN_MS : 0,
    );
  };

  #settle(): void {
    clearTimeout(this.#timer);
    // What is shown first is asked for at once; later changes come in bunches.
    this.#timer = setTimeout(() => this.#report(), this.#last === '[]' ? 0 : SETTLE_MS);
  }

  #report(): void {
    const views = this.#hidden ? [] : this.#views();
    const text = JSON.stringify(views);
    if (text === this.#last) return;
    this.#last = text;
    this.#send(views);
  }

  #views(): View[] {
    const views = new Map<string, View>();
    for (const [element, { shown, visible }] of this.#tiles) {
      if (!visible) continue;
      const { width, height } = element.getBoundingClientRect();
      const view: View = { ...shown, width: devicePixels(width), height: devicePixels(height) };
      const key = `${shown.person} ${shown.source}`;
      const other = views.get(key);
      if (!other || other.width < view.width) views.set(key, view);
    }
    return [...views.values()].sort((a, b) => a.priority - b.priority);
  }
}

function devicePixels(css: number): number {
  return Math.min(65_535, Math.max(1, Math.round(css * devicePixelRatio)));
}
