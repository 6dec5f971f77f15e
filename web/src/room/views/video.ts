// Attachments that put a track into a video element.

import type { Attachment } from 'svelte/attachments';

/** One's own picture; the mirroring is the style's. */
export function mirror(track: MediaStreamTrack): Attachment<HTMLVideoElement> {
  return (video) => {
    // Set as properties: a parsed `muted` attribute says nothing about an element that a script made.
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    void video.play().catch(() => undefined);
    return () => {
      video.srcObject = null;
    };
  };
}
