// Short sentences for the person: shown for a while, and read out by screen readers.

export interface Notice {
  readonly id: number;
  readonly words: () => string;
}

const SHOWN_MS = 7000;

export class Notices {
  shown = $state.raw<readonly Notice[]>([]);
  /** What a screen reader says next: politely, or at once. */
  polite = $state('');
  urgent = $state('');
  #ids = 0;

  /** Shows a sentence and says it. The words are asked anew when the language changes. */
  tell(words: () => string): void {
    this.#ids += 1;
    const id = this.#ids;
    this.shown = [...this.shown.slice(-2), { id, words }];
    this.say(words());
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }

  say(text: string): void {
    this.polite = repeatable(this.polite, text);
  }

  interrupt(text: string): void {
    this.urgent = repeatable(this.urgent, text);
  }
}

/** The same sentence twice must differ, or the second is not read out. */
function repeatable(before: string, text: string): string {
  return before === text ? `${text}\u00a0` : text;
}
