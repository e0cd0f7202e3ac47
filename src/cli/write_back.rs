//! `tick --write-back`: boxes written into the plan's own file, after the ticks are in the journal.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::desk::Desk;
use super::failure::{Exit, Failure};
use super::file;
use crate::plan::write_back::{NoBox, box_byte};
use crate::plan::{self, ItemId};

/// A plan's file that boxes may be written into.
pub struct Boxes {
    file: file::PlanFile,
}

impl Boxes {
    /// Looks whether the file can be written and is what the room follows, before anything is ticked.
    ///
    /// # Errors
    /// It is not, in a sentence.
    pub fn find(desk: &Desk) -> Result<Self, Failure> {
        let file = file::read(Path::new(&desk.room.plan_path))?;
        let boxes = Self { file };
        boxes.same(desk, &boxes.file.bytes)?;
        let writable = OpenOptions::new().write(true).open(&boxes.file.path);
        writable.map_err(|e| boxes.failed("cannot be written", &e))?;
        Ok(boxes)
    }

    fn same(&self, desk: &Desk, bytes: &[u8]) -> Result<(), Failure> {
        if crate::journal::chain::digest(bytes) == desk.room.digest {
            return Ok(());
        }
        let sentence = format!("{}: is not the plan the room follows", self.file.path.display());
        Err(refused(sentence).hint("open the room with this file, or tick without --write-back"))
    }

    /// Turns the boxes of `items`; those without one are named on standard error and stay as they are.
    ///
    /// # Errors
    /// The file changed meanwhile, or cannot be replaced; then it is as it was.
    pub fn turn(&self, desk: &mut Desk, items: &[ItemId], ticked: bool) -> Result<(), Failure> {
        let mut bytes = self.file.bytes.clone();
        for item in items {
            let reading = plan::read(&bytes, &self.file.stem());
            match box_byte(&bytes, &reading, item, ticked) {
                Ok(Some(found)) => bytes[found.at] = found.byte,
                Ok(None) => {}
                Err(why @ NoBox::None(_)) => {
                    eprintln!("warroom: {}: {why}; ticked in the room only", self.file.path.display());
                }
                Err(why) => return Err(refused(format!("{}: {why}", self.file.path.display()))),
            }
        }
        if bytes == self.file.bytes {
            return Ok(());
        }
        self.replace(desk, &bytes)?;
        desk.adopt(&bytes)
    }

    /// All or nothing: a new file beside the old one takes its name, mode and owner.
    fn replace(&self, desk: &Desk, bytes: &[u8]) -> Result<(), Failure> {
        let path = &self.file.path;
        let failed = |e: std::io::Error| self.failed("cannot be replaced", &e);
        let about = std::fs::metadata(path).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.{}.warroom", std::process::id()));
        let written = write_new(&beside, bytes, &about)
            .map_err(failed)
            .and_then(|()| self.same(desk, &file::read(path)?.bytes))
            .and_then(|()| std::fs::rename(&beside, path).map_err(failed));
        if written.is_err() {
            // What could not be made need not be removed.
            let _ = std::fs::remove_file(&beside);
        }
        written?;
        let folder = path.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|f| f.sync_all()).map_err(failed)
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> Failure {
        Failure::new(format!("{}: {what}: {error}", self.file.path.display()))
            .hint("what is in the journal stays; tick without --write-back")
    }
}

fn refused(sentence: String) -> Failure {
    Failure { exit: Exit::Refused, ..Failure::new(sentence) }
}

fn write_new(path: &Path, bytes: &[u8], like: &std::fs::Metadata) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (like.uid(), like.gid()) {
        std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(PermissionsExt::from_mode(like.mode() & 0o7777))?;
    file.write_all(bytes)?;
    file.sync_all()
}
