// What automated browsers find on the pages (contract.md).

import type { Stats } from '../room/media/stats';

declare global {
  interface Window {
    lectern?: {
      /** What the room page receives and sends now. */
      stats?: () => Promise<Stats>;
      /** Closes the room page's WebSocket without a word, as a lost network does. */
      dropSocket?: () => void;
      /** The playback page's token. */
      token?: string | null;
    };
  }
}

window.lectern = {};
