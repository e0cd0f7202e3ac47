//! What the fuzzer found, read again: `tests/corpus/plan`, and the documents under `tests/plans`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::invariants;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    files.sort();
    files
}

fn replay(path: &Path) {
    let bytes = fs::read(path).expect("a readable file");
    let outcome = std::panic::catch_unwind(|| invariants::hold(&bytes));
    assert!(outcome.is_ok(), "{}: see above", path.display());
}

#[test]
fn the_corpus_holds() {
    let files = files("tests/corpus/plan");
    assert!(files.len() >= 30, "{} inputs", files.len());
    files.iter().for_each(|path| replay(path));
}

#[test]
fn the_documents_hold() {
    let files: Vec<PathBuf> = files("tests/plans").into_iter().chain(files("examples")).collect();
    files.iter().filter(|p| p.extension().is_some_and(|e| e == "md")).for_each(|path| replay(path));
}
