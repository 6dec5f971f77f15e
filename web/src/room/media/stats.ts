// What `window.lectern.stats()` tells automated browsers (contract.md), from the browser's own counters.

import type { SlotKind } from '../../generated/SlotKind';
import type { Source } from '../../generated/Source';
import type { Peer } from './peer';
import type { SlotTable } from './slots';

export interface SlotStats {
  slot: number;
  kind: SlotKind;
  person: string | null;
  framesDecoded: number;
  width: number;
  height: number;
  packetsLost: number;
}

export interface PublishStats {
  source: Source;
  rid: string | null;
  /** Bits per second since the last call, or over the first half second. */
  bitrate: number;
}

export interface Stats {
  joinMs: number | null;
  firstFrameMs: number | null;
  slots: SlotStats[];
  publish: PublishStats[];
}

interface Counter {
  bytes: number;
  at: number;
}

const FIRST_SPAN_MS = 500;

export class StatsReader {
  #last = new Map<string, Counter>();

  async read(peer: Peer, slots: SlotTable): Promise<Pick<Stats, 'slots' | 'publish'>> {
    if (this.#last.size === 0) {
      this.#last = counters(await peer.stats());
      await new Promise((done) => setTimeout(done, FIRST_SPAN_MS));
    }
    const report = await peer.stats();
    const before = this.#last;
    this.#last = counters(report);
    return { slots: received(report, slots), publish: published(report, peer, before) };
  }
}

type Rtp = RTCInboundRtpStreamStats & RTCOutboundRtpStreamStats & { mid?: string; rid?: string };

function streams(report: RTCStatsReport, type: 'inbound-rtp' | 'outbound-rtp'): Rtp[] {
  const found: Rtp[] = [];
  report.forEach((entry: RTCStats) => {
    if (entry.type === type) found.push(entry as Rtp);
  });
  return found;
}

function counters(report: RTCStatsReport): Map<string, Counter> {
  return new Map(
    streams(report, 'outbound-rtp').map((rtp) => [rtp.id, { bytes: rtp.bytesSent ?? 0, at: rtp.timestamp }]),
  );
}

function received(report: RTCStatsReport, slots: SlotTable): SlotStats[] {
  const byMid = new Map(streams(report, 'inbound-rtp').map((rtp) => [rtp.mid, rtp]));
  return slots.all.map(({ slot, kind, mid }) => {
    const rtp = byMid.get(mid);
    return {
      slot,
      kind,
      person: slots.at(slot)?.person ?? null,
      framesDecoded: rtp?.framesDecoded ?? 0,
      width: rtp?.frameWidth ?? 0,
      height: rtp?.frameHeight ?? 0,
      packetsLost: rtp?.packetsLost ?? 0,
    };
  });
}

function published(report: RTCStatsReport, peer: Peer, before: ReadonlyMap<string, Counter>): PublishStats[] {
  const sources = new Map(peer.offer.publish.map(({ source, mid }) => [mid, source]));
  return streams(report, 'outbound-rtp').flatMap((rtp) => {
    const source = sources.get(rtp.mid ?? '');
    if (source === undefined) return [];
    const last = before.get(rtp.id);
    const seconds = last ? (rtp.timestamp - last.at) / 1000 : 0;
    const bits = last ? ((rtp.bytesSent ?? 0) - last.bytes) * 8 : 0;
    return [{ source, rid: rtp.rid ?? null, bitrate: seconds > 0 ? Math.round(bits / seconds) : 0 }];
  });
}
