//! Slots and what feeds them: routes are made and unmade here, and nowhere else but where a slot changes its layer.

use crate::engine::Engine;
use crate::events::{SlotChange, SlotSource};
use crate::participant::Peer;
use crate::room::Room;
use crate::slab::Key;
use crate::slot::choose::{choose, highest};
use crate::slot::{Allowed, SCREEN_AUDIO_SLOT};
use crate::time::Micros;
use crate::track::layer::Route;
use crate::track::{SOURCES, Track};
use protocol::media::Source;

impl Engine {
    /// Gives a slot to a source, or to nobody. `None` if nothing changes.
    pub(super) fn attach(
        &mut self,
        now: Micros,
        key: Key<Peer>,
        number: usize,
        source: Option<Key<Track>>,
    ) -> Option<SlotChange> {
        let slot = self.peers.get(key)?.slots.get(number)?;
        if slot.source == source {
            return None;
        }
        let (old, layers) = (slot.source, [slot.current, slot.target]);
        let route = Route { peer: key, slot: u16::try_from(number).ok()? };
        if let Some(old) = old {
            layers.into_iter().flatten().for_each(|layer| self.remove_route(old, layer, route));
        }
        let from = source.and_then(|track| self.tracks.get(track)).map(|track| SlotSource {
            participant: track.participant,
            source: track.source,
            csrc: track.csrc,
        });
        let slot = self.peers.get_mut(key)?.slots.get_mut(number)?;
        (slot.source, slot.current, slot.target) = (source, None, None);
        if slot.allowed != Allowed::All {
            // The softest, until it is known what there is room for.
            slot.allowed = Allowed::UpTo(0);
        }
        self.retarget(now, key, number);
        Some(SlotChange { slot: route.slot, from })
    }

    /// Chooses the layer that a slot should get, among those that are live.
    pub(super) fn retarget(&mut self, now: Micros, key: Key<Peer>, number: usize) {
        let Some(slot) = self.peers.get(key).and_then(|peer| peer.slots.get(number)) else { return };
        let Some(track) = slot.source.and_then(|source| self.tracks.get(source)) else { return };
        let target = match (track.is_video(), slot.allowed) {
            (false, _) => Some(0),
            (true, Allowed::All) => choose(slot.height, track.live_layers(now)),
            (true, Allowed::UpTo(most)) => {
                let wanted = choose(slot.height, track.live_layers(now));
                wanted.and_then(|wanted| highest(track.live_layers(now), wanted.min(most)))
            }
            (true, Allowed::Nothing) => return self.pause(key, number),
        };
        if let Some(target) = target {
            self.aim(key, number, target);
        }
    }

    /// The slot gets nothing of its source for now.
    fn pause(&mut self, key: Key<Peer>, number: usize) {
        let Some(slot) = self.peers.get_mut(key).and_then(|peer| peer.slots.get_mut(number)) else { return };
        let Ok(place) = u16::try_from(number) else { return };
        let (source, layers) = (slot.source, [slot.current.take(), slot.target.take()]);
        for layer in layers.into_iter().flatten() {
            if let Some(source) = source {
                self.remove_route(source, layer, Route { peer: key, slot: place });
            }
        }
    }

    /// From the next entry point of `target` on, the slot gets that layer.
    fn aim(&mut self, key: Key<Peer>, number: usize, target: u8) -> Option<()> {
        let route = Route { peer: key, slot: u16::try_from(number).ok()? };
        let peer = self.peers.get_mut(key)?;
        let connected = peer.connected;
        let slot = peer.slots.get_mut(number)?;
        let (current, before) = (slot.current, slot.target.replace(target));
        let track = self.tracks.get_mut(slot.source?)?;
        if before != Some(target)
            && before != current
            && let Some(layer) = before.and_then(|before| track.layer_mut(before))
        {
            layer.remove_route(route);
        }
        let video = track.is_video();
        let layer = track.layer_mut(target)?;
        layer.add_route(route);
        // Who is not connected yet would miss it, and the next may only be asked for after a while.
        if video && connected && current != Some(target) {
            layer.keyframe.want();
        }
        Some(())
    }

    /// The live layers of a track, or their sizes, have changed: everyone who gets it chooses anew.
    pub(super) fn retarget_all(&mut self, now: Micros, key: Key<Track>) {
        let Some(room) = self.tracks.get(key).map(|track| track.room) else { return };
        for peer in self.peers_of(room) {
            let slots = self.peers.get(peer).map(|peer| peer.slots.iter().enumerate()).into_iter().flatten();
            let fed: smallvec::SmallVec<[usize; 4]> =
                slots.filter(|(_, slot)| slot.source == Some(key)).map(|(number, _)| number).collect();
            fed.into_iter().for_each(|number| self.retarget(now, peer, number));
        }
        self.retarget_tap(now, key);
    }

    /// A layer begins anew, or its source was off: its slots wait for an entry point.
    pub(super) fn restart_slots(&mut self, now: Micros, key: Key<Track>, layer: u8) {
        let Some(track) = self.tracks.get_mut(key) else { return };
        let video = track.is_video();
        if let Some(tap) = track.tap.as_mut().filter(|tap| tap.current == Some(layer)) {
            tap.interrupt(now);
        }
        let Some(layer_state) = track.layer_mut(layer) else { return };
        if video && !layer_state.routes.is_empty() {
            layer_state.keyframe.want();
        }
        for route in layer_state.routes.clone() {
            let slot =
                self.peers.get_mut(route.peer).and_then(|peer| peer.slots.get_mut(usize::from(route.slot)));
            if let Some(slot) = slot.filter(|slot| slot.current == Some(layer)) {
                slot.current = None;
                slot.target = slot.target.or(Some(layer));
            }
        }
    }

    /// The slots that the room fills, not the subscriber: voices and the screen's sound.
    pub(super) fn fill_room_slots(&mut self, now: Micros, room: Key<Room>, key: Key<Peer>) {
        let Some(state) = self.rooms.get(room) else { return };
        let seats: smallvec::SmallVec<[_; 5]> = state.seats.iter().collect();
        let sharer = state.sharer;
        let mut changes = Vec::new();
        for (seat, track) in seats {
            changes.extend(self.seat(now, key, seat, track));
        }
        changes.extend(self.attach(now, key, SCREEN_AUDIO_SLOT, self.sound_of(sharer, key)));
        self.tell_slots(key, changes);
    }

    /// The voice of a seat in its slot of one participant, who never hears himself.
    pub(super) fn seat(
        &mut self,
        now: Micros,
        key: Key<Peer>,
        seat: usize,
        track: Key<Track>,
    ) -> Option<SlotChange> {
        let own = self.tracks.get(track).is_some_and(|track| track.owner == key);
        self.attach(now, key, seat, (!own).then_some(track))
    }

    /// The screen sound of the sharer, for somebody else.
    pub(super) fn sound_of(&self, sharer: Option<Key<Peer>>, listener: Key<Peer>) -> Option<Key<Track>> {
        let sharer = self.peers.get(sharer.filter(|sharer| *sharer != listener)?)?;
        let (track, _) =
            sharer.tracks.iter().zip(SOURCES).find(|(_, source)| *source == Source::ScreenAudio)?;
        self.tracks.get(*track).filter(|track| track.on)?;
        Some(*track)
    }

    /// A connection came up: what its slots show begins with keyframes.
    pub(super) fn refresh_slots(&mut self, now: Micros, key: Key<Peer>) {
        let slots = self.peers.get(key).map_or(0, |peer| peer.slots.len());
        (0..slots).for_each(|number| self.retarget(now, key, number));
        let peers = self.peers.get(key).map(|peer| peer.slots.iter()).into_iter().flatten();
        for (track, layer) in peers.filter_map(|slot| slot.source.zip(slot.target)) {
            if let Some(track) = self.tracks.get_mut(track).filter(|track| track.is_video())
                && let Some(layer) = track.layer_mut(layer)
            {
                layer.keyframe.want();
            }
        }
    }

    pub(super) fn peers_of(&self, room: Key<Room>) -> Vec<Key<Peer>> {
        self.rooms.get(room).map(|room| room.peers.clone()).unwrap_or_default()
    }
}
