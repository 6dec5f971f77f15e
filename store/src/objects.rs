//! Objects: media, journals and manifests of recordings, each a sealed file.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::ids::MeetingId;
use protocol::tap::SegmentNumber;

use crate::keys::{DataKey, KeyError, safe};
use crate::sealed::{Reader, Recovered, SealedError, Writer, recover};

const SUFFIX: &str = "sealed";

/// Where one object lies: `recordings/<meeting>/<segment>/<file>.sealed`. The path without the suffix is the sealed
/// file's context, so an object that was moved does not open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectPath {
    meeting: MeetingId,
    segment: SegmentNumber,
    file: String,
}

impl ObjectPath {
    /// The file `file` (such as `w_8f3k-camera.webm` or `manifest.json`) of a segment. Refuses ids and names that
    /// could lead elsewhere: letters, digits, `-`, `_`, and single dots within a file's name are allowed.
    pub fn new(meeting: &MeetingId, segment: SegmentNumber, file: &str) -> Result<Self, KeyError> {
        safe(meeting.as_str())?;
        file.split('.').try_for_each(|part| safe(part).map(|_| ()))?;
        Ok(Self { meeting: meeting.clone(), segment, file: file.to_owned() })
    }

    /// The file's name within its segment.
    pub fn file(&self) -> &str {
        &self.file
    }

    fn context(&self) -> String {
        format!("recordings/{}/{}/{}", self.meeting, self.segment, self.file)
    }
}

/// Where objects are kept. An object store (S3) takes its place beside the folder here.
#[derive(Clone)]
pub enum Objects {
    /// A folder on the local disk.
    Local(Arc<PathBuf>),
}

/// What a folder of objects holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Files.
    pub files: u64,
    /// Their bytes on the disk.
    pub bytes: u64,
}

impl Objects {
    /// The objects of a data folder (in its `objects` folder, made if missing). Needs no database: the recorder
    /// process opens its objects this way.
    pub fn open(data: &Path) -> Result<Self, std::io::Error> {
        let folder = data.join("objects");
        make_folder(&folder.join("recordings"))?;
        Ok(Self::Local(Arc::new(folder)))
    }

    /// Makes an object and its folder. The object must not exist yet.
    pub fn create(&self, path: &ObjectPath, key: &DataKey) -> Result<Writer, SealedError> {
        let place = self.place(path);
        if let Some(folder) = place.parent() {
            make_folder(folder)?;
        }
        Writer::create(&place, key, &path.context())
    }

    /// Writes a small object whole or not at all, replacing an older one: it gets its name when it is finished and on
    /// the disk. Returns its size on the disk in bytes.
    pub fn put(&self, path: &ObjectPath, key: &DataKey, bytes: &[u8]) -> Result<u64, SealedError> {
        let place = self.place(path);
        let folder = place.parent().unwrap_or(Path::new("."));
        make_folder(folder)?;
        // Hidden, and no name that `ObjectPath` allows, so it is never taken for an object.
        let draft = folder.join(format!(".{}.draft", path.file));
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut writer = Writer::create(&draft, key, &path.context())?;
        writer.write(bytes)?;
        let stored = writer.close()?;
        std::fs::rename(&draft, &place)?;
        std::fs::File::open(folder)?.sync_all()?;
        Ok(stored)
    }

    /// Opens a finished object.
    pub fn read(&self, path: &ObjectPath, key: &DataKey) -> Result<Reader, SealedError> {
        Reader::open(&self.place(path), key, &path.context())
    }

    /// Opens an object that may lack its end (see [`Reader::open_unfinished`]).
    pub fn read_unfinished(&self, path: &ObjectPath, key: &DataKey) -> Result<Reader, SealedError> {
        Reader::open_unfinished(&self.place(path), key, &path.context())
    }

    /// Closes an object whose writer was killed (see [`recover`]).
    pub fn recover(&self, path: &ObjectPath, key: &DataKey) -> Result<Recovered, SealedError> {
        recover(&self.place(path), key, &path.context())
    }

    /// Whether there is such an object, finished or not.
    pub fn exists(&self, path: &ObjectPath) -> bool {
        self.place(path).exists()
    }

    /// Names of a segment's objects, sorted; none if there is no such segment.
    pub fn files(&self, meeting: &MeetingId, segment: SegmentNumber) -> Result<Vec<String>, SealedError> {
        let folder = self.recording(meeting)?.join(segment.to_string());
        let unsealed = |name: String| name.strip_suffix(&format!(".{SUFFIX}")).map(str::to_owned);
        Ok(names(&folder)?.into_iter().filter_map(unsealed).collect())
    }

    /// Numbers of a recording's segments that have a folder, sorted.
    pub fn segments(&self, meeting: &MeetingId) -> Result<Vec<SegmentNumber>, SealedError> {
        let mut numbers: Vec<_> =
            names(&self.recording(meeting)?)?.iter().filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Ids of all recordings that have a folder, sorted.
    pub fn recordings(&self) -> Result<Vec<MeetingId>, SealedError> {
        let Self::Local(root) = self;
        Ok(names(&root.join("recordings"))?.into_iter().map(MeetingId).collect())
    }

    /// What a recording holds on the disk; nothing if it has no folder.
    pub fn holding(&self, meeting: &MeetingId) -> Result<Holding, SealedError> {
        let mut holding = Holding::default();
        count(&self.recording(meeting)?, &mut holding)?;
        Ok(holding)
    }

    /// Removes a recording's folder and waits until the disk knows. For `retention` alone: nothing else deletes.
    pub fn remove_recording(&self, meeting: &MeetingId) -> Result<(), SealedError> {
        let folder = self.recording(meeting)?;
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let Self::Local(root) = self;
        Ok(std::fs::File::open(root.join("recordings"))?.sync_all()?)
    }

    /// Bytes that this process may still write, of the file system that holds the objects.
    pub fn free_bytes(&self) -> Result<u64, SealedError> {
        let Self::Local(root) = self;
        let stat = rustix::fs::statvfs(root.as_path()).map_err(std::io::Error::from)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn recording(&self, meeting: &MeetingId) -> Result<PathBuf, SealedError> {
        let Self::Local(root) = self;
        Ok(root.join("recordings").join(safe(meeting.as_str())?))
    }

    fn place(&self, path: &ObjectPath) -> PathBuf {
        let Self::Local(root) = self;
        root.join(format!("{}.{SUFFIX}", path.context()))
    }
}

fn make_folder(folder: &Path) -> Result<(), std::io::Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn names(folder: &Path) -> Result<Vec<String>, std::io::Error> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = entries
        .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    names.sort_unstable();
    Ok(names)
}

fn count(folder: &Path, holding: &mut Holding) -> Result<(), std::io::Error> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            count(&entry.path(), holding)?;
        } else {
            holding.files += 1;
            holding.bytes += metadata.len();
        }
    }
    Ok(())
}
