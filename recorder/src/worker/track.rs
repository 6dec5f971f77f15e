//! One track: from its stream to its file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::media::Source;
use protocol::tap::{Report, TapFrame, TrackHeader};
use quinn::RecvStream;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::file::{self, FileError, TrackFile};
use super::frames::{Frame, Frames};
use super::input::Input;
use super::journal::TrackFacts;
use super::muxer::{MuxError, Muxer, payload_type};
use super::segment::Segment;
use super::segments::Segments;
use super::tally::UnderWay;
use super::timing::{PersonClock, TrackClock};
use crate::layout::SegmentId;
use crate::manifest::Codec;

/// How often a file is sealed up to its last byte: what a kill loses at most, and a bit.
const FLUSH: Duration = Duration::from_secs(1);
/// How often a muxer that is behind is looked at again.
const BREATH: Duration = Duration::from_millis(5);

/// Why a track ends before its stream.
#[derive(Debug, thiserror::Error)]
enum TrackError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Mux(#[from] MuxError),
}

/// Records a track until its stream ends.
pub(super) async fn record(stream: RecvStream, arrival: UnderWay, segments: Arc<Segments>) {
    let mut input = Input::new(stream);
    let Some(header) = input.header().await else {
        tracing::warn!("a track's stream began with no header");
        return;
    };
    let Some(codec) = Codec::from_name(&header.codec) else {
        tracing::warn!(codec = header.codec, "a codec that is not recorded");
        return;
    };
    let id = SegmentId::new(&header.meeting, header.segment);
    let Some(segment) = segments.wait_for(&id).await else {
        tracing::warn!("a track of a segment that never began");
        return;
    };
    let running = segment.running.enter();
    drop(arrival);
    let mut track = Track::new(header, codec, segment.clone());
    let ended = track.run(&mut input).await;
    segment.stream_ended();
    let outcome = match ended {
        Ok(()) => track.finish().await,
        Err(error) => track.salvage(error).await,
    };
    if let Err(error) = outcome {
        tracing::error!(%error, "a track ended before its stream");
    }
    drop(running);
}

struct Track {
    header: TrackHeader,
    codec: Codec,
    segment: Arc<Segment>,
    frames: Frames,
    clock: TrackClock,
    person: Arc<Mutex<PersonClock>>,
    /// Made at the first frame, so that a track without media leaves no file.
    output: Option<Output>,
}

struct Output {
    muxer: Muxer,
    file: Shared,
    facts: TrackFacts,
}

/// The file, written on the muxer's thread, sealed and closed on ours.
type Shared = Arc<Mutex<Result<TrackFile, FileError>>>;

impl Track {
    fn new(header: TrackHeader, codec: Codec, segment: Arc<Segment>) -> Self {
        let person = segment.clock(&header.person);
        let frames = Frames::new(codec, payload_type(codec));
        let clock = TrackClock::new(header.clock_rate);
        Self { header, codec, segment, frames, clock, person, output: None }
    }

    async fn run(&mut self, input: &mut Input) -> Result<(), TrackError> {
        let mut flush = interval(FLUSH);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let broken = self.segment.broken.clone();
        loop {
            tokio::select! {
                more = input.more() => if !more { return Ok(()) },
                _ = flush.tick() => self.flush()?,
                () = broken.cancelled() => return Ok(()),
            }
            while let Some(frame) = input.frame() {
                self.take(frame)?;
            }
            while self
                .output
                .as_ref()
                .is_some_and(|output| output.muxer.is_behind() && !output.muxer.has_failed())
            {
                sleep(BREATH).await;
            }
        }
    }

    fn take(&mut self, frame: TapFrame<'_>) -> Result<(), TrackError> {
        match frame {
            TapFrame::Rtp { at_us, packet } => {
                let whole = self.frames.packet(at_us, packet);
                if self.frames.wants_keyframe(at_us) {
                    let _ = self.segment.reports.send(Report::WantKeyframe { track: self.header.track });
                }
                whole.map_or(Ok(()), |frame| self.put(frame))
            }
            TapFrame::SenderReport { ntp, rtp, .. } => {
                self.clock.report(&mut lock(&self.person), ntp, rtp);
                Ok(())
            }
            TapFrame::Gap { .. } => {
                self.frames.lost();
                Ok(())
            }
        }
    }

    fn put(&mut self, frame: Frame) -> Result<(), TrackError> {
        if frame.restart {
            self.clock.restart();
        }
        let pts_us = self.clock.frame(&mut lock(&self.person), frame.at_us, frame.timestamp);
        let output = match &mut self.output {
            Some(output) => output,
            none => none.insert(open(&self.segment, &self.header, self.codec, frame.keyframe)?),
        };
        frame.packets.into_iter().try_for_each(|packet| output.muxer.push(packet, pts_us))?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), TrackError> {
        if let Some(output) = &self.output
            && let Ok(file) = &mut *lock(&output.file)
        {
            file.flush()?;
        }
        Ok(())
    }

    /// Closes the file, reads it back and lists it.
    async fn finish(&mut self) -> Result<(), TrackError> {
        let Some(Output { muxer, file, facts }) = self.output.take() else { return Ok(()) };
        let muxed = muxer.finish().await;
        let file = std::mem::replace(&mut *lock(&file), Err(FileError::Unlike))?;
        let segment = self.segment.clone();
        let closed = tokio::task::spawn_blocking(move || close(&segment, &facts, file)).await;
        closed.map_err(|_| MuxError::Failed)??;
        Ok(muxed?)
    }

    /// After an error: keeps what was written, and ends the segment if the disk is full.
    async fn salvage(&mut self, error: TrackError) -> Result<(), TrackError> {
        let Some(Output { muxer, file, facts }) = self.output.take() else { return Err(self.tell(error)) };
        drop(muxer);
        let state = std::mem::replace(&mut *lock(&file), Err(FileError::Unlike));
        // The store's own error says more than the pipeline's.
        let (error, writer) = match state {
            Err(cause) => (cause.into(), None),
            Ok(file) => (error, Some(file)),
        };
        drop(writer);
        let error = self.tell(error);
        let segment = self.segment.clone();
        let saved = tokio::task::spawn_blocking(move || super::recover::track(&segment, &facts)).await;
        if let Ok(Ok(Some((track, stored)))) = saved {
            self.segment.track_done(track, stored);
        }
        Err(error)
    }

    fn tell(&self, error: TrackError) -> TrackError {
        match &error {
            TrackError::File(cause) if cause.is_disk_full() => {
                self.segment.fail_with(true, "the disk is full")
            }
            _ => {}
        }
        error
    }
}

/// Makes the track's file and starts its pipeline.
fn open(
    segment: &Arc<Segment>,
    header: &TrackHeader,
    codec: Codec,
    size: Option<(u16, u16)>,
) -> Result<Output, TrackError> {
    let facts = TrackFacts::new(header, codec, size);
    let writer = segment.open_track(&facts).map_err(FileError::from)?;
    let file: Shared = Arc::new(Mutex::new(Ok(TrackFile::new(writer, codec.is_video()))));
    let (storing, listing, track) = (file.clone(), segment.clone(), header.track);
    let store = move |bytes: &[u8]| store_bytes(&storing, &listing, track, bytes);
    let muxer = Muxer::start(codec, header.source == Source::ScreenAudio, store)?;
    Ok(Output { muxer, file, facts })
}

/// On the muxer's thread.
fn store_bytes(file: &Shared, segment: &Segment, track: u32, bytes: &[u8]) -> Result<(), MuxError> {
    let mut file = lock(file);
    let Ok(open) = &mut *file else { return Err(MuxError::Failed) };
    match open.write(bytes) {
        Ok(clusters) => {
            clusters.iter().for_each(|&cluster| segment.cluster(track, cluster));
            Ok(())
        }
        Err(error) => {
            *file = Err(error);
            Err(MuxError::Failed)
        }
    }
}

fn close(segment: &Segment, facts: &TrackFacts, file: TrackFile) -> Result<(), FileError> {
    let (scanner, stored) = file.close()?;
    file::verify(
        &segment.objects,
        &segment.id.track(facts.track).map_err(store::sealed::SealedError::from)?,
        &segment.key,
        facts,
        &scanner,
    )?;
    if let Some(track) = file::manifest(facts, &scanner) {
        segment.track_done(track, stored);
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
