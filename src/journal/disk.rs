//! What the journal must know of the file system: private files and folders, which file a path
//! leads to, whether a disk is shared over a network or full, and who holds a lock.
//! It reads and creates; it never opens the bytes of a database, which only SQLite may.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::JournalError;

/// Device and inode: which file a path leads to.
pub(super) type Identity = (u64, u64);

/// Turns an [`io::Error`] into a sentence about `file`; `doing` is in the -ing form.
pub(super) fn failed(file: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> JournalError {
    let file = file.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::Full { file },
        _ => JournalError::File { file, doing, source },
    }
}

/// Creates a folder and those above it, for this user only.
pub(super) fn create_private_folder(folder: &Path) -> Result<(), JournalError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(failed(folder, "creating the folder"))
}

/// Opens a file for this user only, creating it empty if need be, and syncs its folder.
pub(super) fn create_private_file(file: &Path) -> Result<(), JournalError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(file).map_err(failed(file, "creating"))?;
    sync_folder(file)
}

/// Makes the names in the folder of `file` survive a power cut.
pub(super) fn sync_folder(file: &Path) -> Result<(), JournalError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(failed(folder, "syncing the folder"))
}

/// Waits for the one turn to create something in a folder; it ends when the value is dropped.
pub(super) fn lock_folder(folder: &Path) -> Result<File, JournalError> {
    let lock = || -> io::Result<File> {
        let file = File::open(folder)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(file)
    };
    lock().map_err(failed(folder, "locking the folder"))
}

/// The file a path leads to; [`JournalError::Gone`] where there is none.
pub(super) fn identity(file: &Path) -> Result<Identity, JournalError> {
    match fs::metadata(file) {
        Ok(found) => Ok((found.dev(), found.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(JournalError::Gone { file: file.to_owned() })
        }
        Err(error) => Err(failed(file, "opening")(error)),
    }
}

/// `room.db` with `-wal`, `-shm` or another ending put after its whole name.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// Bytes in a file; 0 where there is none.
pub(super) fn length(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |found| found.len())
}

/// Whether nothing more can be written to the disk of `file`.
pub(super) fn is_full(file: &Path) -> bool {
    rustix::fs::statvfs(file).is_ok_and(|disk| disk.f_bavail == 0 || (disk.f_files > 0 && disk.f_favail == 0))
}

/// Bytes that may still be written to the disk of `file`, where the system tells.
pub(super) fn free(file: &Path) -> Option<u64> {
    rustix::fs::statvfs(file).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether `file` is on a disk that other computers may share, where SQLite's shared memory
/// cannot work: there a journal is held by one process alone.
pub(super) fn is_network(file: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::fs::statfs(file).is_ok_and(|disk| is_network_magic(disk.f_type as u64));
    #[cfg(not(target_os = "linux"))]
    return {
        let _ = file;
        false
    };
}

/// The `statfs` types of NFS, SMB, CIFS, SMB2, FUSE (sshfs), AFS, Ceph, 9p, Coda and OCFS2.
#[cfg(target_os = "linux")]
fn is_network_magic(kind: u64) -> bool {
    let low = kind & 0xffff_ffff;
    matches!(
        low,
        0x6969
            | 0x517b
            | 0xff53_4d42
            | 0xfe53_4d42
            | 0x6573_5546
            | 0x5346_414f
            | 0x00c3_6400
            | 0x0102_1997
            | 0x7375_7245
            | 0x7461_636f
    )
}

/// The process that holds a write lock on one of `files`, where the system tells.
pub(super) fn lock_holder(files: &[PathBuf]) -> Option<u32> {
    let inodes: Vec<u64> = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.ino())).collect();
    let locks = fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| writer_of(line, &inodes))
}

/// Reads `1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 120 120`.
fn writer_of(line: &str, inodes: &[u64]) -> Option<u32> {
    let mut fields = line.split_whitespace().skip_while(|field| *field != "WRITE").skip(1);
    let pid = fields.next()?.parse().ok()?;
    let inode = fields.next()?.rsplit(':').next()?.parse().ok()?;
    inodes.contains(&inode).then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_created_is_private() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        create_private_folder(&folder).unwrap();
        create_private_file(&folder.join("x.db")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&home.path().join("a")), 0o700);
        assert_eq!(mode(&folder.join("x.db")), 0o600);
    }

    #[test]
    fn a_lock_line_gives_its_writer() {
        let line = "12: POSIX  ADVISORY  WRITE 4711 fe:00:1234 120 120";
        assert_eq!(writer_of(line, &[1234]), Some(4711));
        assert_eq!(writer_of(line, &[123]), None);
        assert_eq!(writer_of(&line.replace("WRITE", "READ"), &[1234]), None);
        assert_eq!(writer_of("12: -> POSIX", &[1234]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_disks_are_told_from_local_ones() {
        assert!(is_network_magic(0x6969), "NFS");
        assert!(is_network_magic(0xffff_ffff_ff53_4d42), "CIFS, sign-extended");
        assert!(!is_network_magic(0xef53), "ext4");
        assert!(!is_network_magic(0x0102_1994), "tmpfs");
    }

    #[test]
    fn a_path_to_nothing_is_gone() {
        let missing = Path::new("/nowhere/at/all.db");
        assert!(matches!(identity(missing), Err(JournalError::Gone { .. })));
        assert_eq!(length(missing), 0);
    }
}
