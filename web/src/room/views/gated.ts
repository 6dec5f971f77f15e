// Puts a slot's track into a video element and says, frame by frame, whether the right person is seen.

import type { Attachment } from 'svelte/attachments';

import { Gate } from '../media/gate';
import type { Incoming } from '../media/media.svelte';

/** While the right person is shown, one look in this many ms is enough. */
const CALM_MS = 100;

export function gated(incoming: Incoming | null, show: (pass: boolean) => void): Attachment<HTMLVideoElement> {
  return (video) => {
    show(false);
    if (!incoming) return;
    const { binding, receiver } = incoming;
    const gate = new Gate(binding.csrc);
    let passed = false;
    let looked = 0;
    let handle = 0;

    const look: VideoFrameRequestCallback = (now, frame) => {
      handle = video.requestVideoFrameCallback(look);
      if (passed && now - looked < CALM_MS) return;
      looked = now;
      const pass = gate.passes(frame.rtpTimestamp, receiver.getContributingSources());
      if (pass !== passed) show(pass);
      passed = pass;
    };

    video.muted = true;
    video.srcObject = new MediaStream([receiver.track]);
    handle = video.requestVideoFrameCallback(look);
    void video.play().catch(() => undefined);
    return () => {
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
      show(false);
    };
  };
}
