import { mount } from 'svelte';

import '../shared/base.css';
import '../shared/theme.svelte';
import App from './App.svelte';
import type { Stats } from './media/stats';

declare global {
  interface Window {
    /** For automated browsers (contract.md). */
    lectern?: {
      /** What this page receives and sends now. */
      stats?: () => Promise<Stats>;
      /** Closes the WebSocket without a word, as a lost network does. */
      dropSocket?: () => void;
      /** The playback page's token. */
      token?: string | null;
    };
  }
}

const target = document.getElementById('app');
if (target) mount(App, { target });
