//! What a participant shows, and the slots that follow from it.

use crate::engine::Engine;
use crate::events::{SlotChange, View};
use crate::ids::ParticipantId;
use crate::participant::Peer;
use crate::slab::Key;
use crate::slot::assign::assign;
use crate::slot::{SCREEN_SLOT, VIDEO_SLOTS, is_viewed};
use crate::time::Micros;
use crate::track::{Track, place};
use protocol::media::Source;

/// More views than this are not looked at.
const MAX_VIEWS: usize = 64;

impl Engine {
    /// Says what the participant shows from now on; sources not in `views` are not sent.
    pub fn viewport(&mut self, now: Micros, participant: ParticipantId, views: &[View]) {
        let Some(key) = self.ids.get(&participant).copied() else { return };
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.views.clear();
        peer.views.extend(views.iter().filter(|view| is_viewed(view.source)).take(MAX_VIEWS));
        peer.views.sort_by_key(|view| view.priority);
        self.assign_slots(now, key);
    }

    /// Gives the video slots to what is shown and published.
    pub(super) fn assign_slots(&mut self, now: Micros, key: Key<Peer>) {
        let Some(peer) = self.peers.get(key) else { return };
        let cameras = self.wanted(peer, key, Source::Camera);
        let screens = self.wanted(peer, key, Source::Screen);
        let slots = peer.slots.get(VIDEO_SLOTS..).unwrap_or_default();
        let seated: Vec<_> = slots.iter().map(|slot| slot.source).collect();
        let names = |wanted: &[(Key<Track>, u16)]| wanted.iter().map(|(track, _)| *track).collect::<Vec<_>>();
        let cameras_seated = assign(&seated, &names(&cameras));
        let screen = peer.slots.get(SCREEN_SLOT).map(|slot| slot.source);
        let screen_seated = assign(&[screen.flatten()], &names(&screens));

        let numbered =
            screen_seated.into_iter().zip(SCREEN_SLOT..).chain(cameras_seated.into_iter().zip(VIDEO_SLOTS..));
        let mut changes = Vec::new();
        for (source, number) in numbered {
            let sizes = cameras.iter().chain(&screens);
            let height =
                sizes.clone().find(|(track, _)| Some(*track) == source).map_or(0, |(_, height)| *height);
            changes.extend(self.place_source(now, key, number, source, height));
        }
        self.tell_slots(key, changes);
        self.allot(now, key);
    }

    fn place_source(
        &mut self,
        now: Micros,
        key: Key<Peer>,
        number: usize,
        source: Option<Key<Track>>,
        height: u16,
    ) -> Option<SlotChange> {
        self.peers.get_mut(key)?.slots.get_mut(number)?.height = height;
        let change = self.attach(now, key, number, source);
        if change.is_none() {
            self.retarget(now, key, number);
        }
        change
    }

    /// The published tracks of this kind that the participant shows, most wanted first, with their tiles' heights.
    fn wanted(&self, peer: &Peer, key: Key<Peer>, source: Source) -> Vec<(Key<Track>, u16)> {
        let mut wanted: Vec<(Key<Track>, u16)> = Vec::new();
        for view in peer.views.iter().filter(|view| view.source == source) {
            let publisher = self.ids.get(&view.publisher).copied().filter(|publisher| *publisher != key);
            let Some(track) = publisher.and_then(|publisher| self.track_of(publisher, place(source) as u8))
            else {
                continue;
            };
            let shown = self.tracks.get(track).is_some_and(|track| track.on && track.room == peer.room);
            if shown && wanted.iter().all(|(known, _)| *known != track) {
                wanted.push((track, view.height));
            }
        }
        wanted
    }
}
