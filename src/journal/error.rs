//! What can go wrong with a journal, each with a sentence about the file and a hint of what to do.
//! Every module of the journal raises these; screens and subcommands only print them.

use std::path::PathBuf;

use super::chain::Head;

/// Why a journal can be looked at but not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// `--read-only`.
    #[error("it was opened read-only")]
    Asked,
    /// A read-only disk, folder or file.
    #[error("its file, folder or disk cannot be written")]
    Place,
    /// A later version of the program changed the tables.
    #[error("a newer warroom wrote it (schema {found}, this one knows {known})")]
    Newer {
        /// The file's schema.
        found: i64,
        /// The newest schema of this program.
        known: i64,
    },
    /// A link of the chain fails; everything before it is verified.
    #[error("event {seq} does not continue the history before it")]
    Broken {
        /// The first bad place.
        seq: u64,
    },
    /// Its end was seen further on than it now is.
    #[error("its history went backwards: it had reached event {remembered}, now it ends at {found}")]
    Backwards {
        /// The last place acknowledged from this computer.
        remembered: u64,
        /// Where the file ends now.
        found: u64,
    },
    /// As long as remembered, but not the same history.
    #[error("its history was exchanged: event {seq} is not the one seen before")]
    Forked {
        /// The place whose hash differs.
        seq: u64,
    },
    /// A sign-off names a head that is not in the history before it.
    #[error("the sign-off of event {by} was given for another history: event {seq} is not the one it names")]
    Estranged {
        /// The sign-off's place.
        by: u64,
        /// The place that it names.
        seq: u64,
    },
    /// The file belongs to another room than the one last seen under this name.
    #[error("another room's journal stands in its place")]
    OtherRoom,
}

impl Why {
    /// Whether the history is not the one it was, whatever else may be done with the file.
    pub fn is_of_history(&self) -> bool {
        matches!(
            self,
            Why::Broken { .. }
                | Why::Backwards { .. }
                | Why::Forked { .. }
                | Why::Estranged { .. }
                | Why::OtherRoom
        )
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Why::Asked => "open it without --read-only to act",
            Why::Place => "make the folder writable, or point --state at one that is",
            Why::Newer { .. } => "install the newer warroom on this computer",
            Why::Broken { .. } => {
                "`warroom verify` says what is wrong there, and with --accept REASON goes on with what verifies"
            }
            Why::Backwards { .. } => {
                "put the missing -wal file or the newer copy back, or accept the loss: \
                 `warroom verify ROOM --accept REASON`"
            }
            Why::Forked { .. } | Why::OtherRoom => {
                "put the right file back, or accept this one: `warroom verify ROOM --accept REASON`"
            }
            Why::Estranged { .. } => {
                "find the file that was signed for; `warroom PLAN --new` goes on in a room of its own"
            }
        }
    }
}

/// A journal could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file's pages or header are not what SQLite wrote.
    #[error("the journal {} is damaged: {detail}", file.display())]
    Corrupt {
        /// The database file.
        file: PathBuf,
        /// SQLite's own words.
        detail: String,
    },
    /// A healthy SQLite database of another program.
    #[error("{} is a database, but not a warroom journal", file.display())]
    Foreign {
        /// The database file.
        file: PathBuf,
    },
    /// A creation that is under way or was cut short: nothing was ever recorded.
    #[error("the journal {} was never finished being created", file.display())]
    Unfinished {
        /// The database file.
        file: PathBuf,
    },
    /// The chain fails at a place; all before it was handed out.
    #[error("the journal {} is not whole: event {seq} does not continue the history before it", file.display())]
    Broken {
        /// The database file.
        file: PathBuf,
        /// The first bad place.
        seq: u64,
    },
    /// An event that was seen is gone or different.
    #[error("the journal {} went backwards: event {seq}, seen before, is gone or different", file.display())]
    Backwards {
        /// The database file.
        file: PathBuf,
        /// The place last seen.
        seq: u64,
    },
    /// A statement to be stored was signed for another history.
    #[error("this was signed for another history than {}: event {seq} is not the one it names", file.display())]
    Estranged {
        /// The database file.
        file: PathBuf,
        /// The place that it names.
        seq: u64,
    },
    /// No space: nothing was written.
    #[error("the disk of {} is full: nothing was saved", file.display())]
    Full {
        /// The database file.
        file: PathBuf,
    },
    /// The disk failed; whether the last write arrived is not known.
    #[error("the storage of {} is failing: {detail}", file.display())]
    Storage {
        /// The database file.
        file: PathBuf,
        /// SQLite's own words.
        detail: String,
    },
    /// Somebody else held the write lock for the whole waiting time.
    #[error("the journal {} is locked by {}", file.display(), by.map_or("another program".into(), |pid| format!("process {pid}")))]
    Busy {
        /// The database file.
        file: PathBuf,
        /// Who holds it, where the system tells.
        by: Option<u32>,
    },
    /// A write was asked of a journal that is only for viewing.
    #[error("the journal {} cannot be written: {why}", file.display())]
    ViewOnly {
        /// The database file.
        file: PathBuf,
        /// The reason it opened so.
        why: Why,
    },
    /// Readable only together with a `-wal` that needs a folder it can be opened in.
    #[error("the journal {} cannot be read where it lies: its folder takes no writes and a -wal belongs to it", file.display())]
    Sealed {
        /// The database file.
        file: PathBuf,
    },
    /// The path leads to another file than the one that was opened.
    #[error("the journal {} was replaced by another file while it was open", file.display())]
    Replaced {
        /// The database file.
        file: PathBuf,
    },
    /// The path leads nowhere any more.
    #[error("the journal {} was deleted while it was open", file.display())]
    Gone {
        /// The database file.
        file: PathBuf,
    },
    /// A file or folder beside the database could not be used.
    #[error("{doing} {} failed: {source}", file.display())]
    File {
        /// The file or folder.
        file: PathBuf,
        /// In the -ing form: "creating".
        doing: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// No journal of that name.
    #[error("there is no room {name:?}")]
    NoRoom {
        /// As it was asked for.
        name: String,
    },
    /// A name that could leave the folder of rooms or hide in it.
    #[error("{name:?} cannot be the name of a room")]
    Name {
        /// As it was asked for.
        name: String,
    },
    /// A kept plan does not have the bytes its name promises.
    #[error("the plan {digest} in {} has other bytes than its digest says", file.display())]
    PlanBytes {
        /// The database file.
        file: PathBuf,
        /// The plan's name.
        digest: String,
    },
    /// Anything else SQLite refuses.
    #[error("the journal {} cannot be used: {detail}", file.display())]
    Sqlite {
        /// The database file.
        file: PathBuf,
        /// SQLite's own words.
        detail: String,
    },
}

impl JournalError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Corrupt { .. } => {
                "`warroom PLAN` moves it aside, never deletes it, and goes on with what verifies"
            }
            Self::Foreign { .. } => "give the room another name, or move that file away",
            Self::Unfinished { .. } => "open the plan again: it is finished then",
            Self::Broken { seq, .. } => Why::Broken { seq: *seq }.hint(),
            Self::Backwards { .. } => {
                "put the newer file back, or accept the loss: `warroom verify ROOM --accept REASON`"
            }
            Self::Full { .. } => "free some space: saving goes on by itself",
            Self::Storage { .. } => "export the room to another disk now, and look at the system's log",
            Self::Busy { .. } => "wait for the other program, or end it; nothing is lost meanwhile",
            Self::ViewOnly { why, .. } => why.hint(),
            Self::Sealed { .. } => {
                "copy the .db and its -wal together to a folder of yours, and open it there"
            }
            Self::Replaced { .. } | Self::Gone { .. } => "export the room as it stands, then open it again",
            Self::File { .. } => "check its owner and rights, or point --state at another folder",
            Self::Estranged { .. } => "sign again, in this room",
            Self::NoRoom { .. } => "`warroom rooms` lists them",
            Self::Name { .. } => "use letters, digits, - _ . and ~",
            Self::PlanBytes { .. } => "open the room with the plan file at hand: it is kept again",
            Self::Sqlite { .. } => "try again; if it stays, copy the file away and report this sentence",
        }
    }

    /// Whether the connection must be opened anew and its end compared before anything else.
    pub fn needs_reopening(&self) -> bool {
        matches!(
            self,
            Self::Storage { .. } | Self::Corrupt { .. } | Self::Replaced { .. } | Self::Gone { .. }
        )
    }
}

/// Why texts were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another process was first: read what is new and judge again. Nothing was written.
    #[error("the journal moved on past event {}", known.seq)]
    Moved {
        /// The end this store had read up to.
        known: Head,
    },
    /// The store failed. Unless it is [`JournalError::Storage`], nothing was written.
    #[error(transparent)]
    Failed(#[from] JournalError),
}
