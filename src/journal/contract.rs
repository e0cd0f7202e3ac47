//! What every store must keep to, run over each of them. A `Desk` makes handles on one journal.

use std::path::PathBuf;
use std::thread;

use super::*;

type Handles<'a> = &'a dyn Fn() -> Box<dyn Store>;

fn room() -> Meta {
    Meta {
        id: "0198".into(),
        plan: PathBuf::from("/plans/checkout.md"),
        environment: "staging".into(),
        created_ms: 1_790_000_000_000,
        closed_ms: None,
    }
}

/// Runs a test with a fresh journal of every kind.
fn every_store(test: impl Fn(Handles<'_>)) {
    let memory = MemoryStore::new(room());
    test(&|| Box::new(memory.another()));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkout.db");
    SqliteStore::create(&path, &How::default(), &room()).unwrap().unwrap();
    test(&|| Box::new(SqliteStore::open(&path, &How::default()).unwrap()));
}

fn texts(range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|n| format!("{{\"n\":{n},\"note\":\"žluťoučký \\u0000 🚀\"}}\0")).collect()
}

fn read_all(store: &mut dyn Store) -> Vec<Record> {
    let mut all = Vec::new();
    loop {
        let page = store.after(all.last().map_or(0, |last: &Record| last.seq)).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[test]
fn what_was_appended_is_read_back_byte_for_byte() {
    every_store(|handle| {
        let mut store = handle();
        assert_eq!(store.after(0).unwrap(), []);
        let first = store.append(0, &texts(0..3)).unwrap();
        let second = store.append(3, &texts(3..4)).unwrap();
        let all = [first, second].concat();
        assert_eq!(all.iter().map(|record| record.text.clone()).collect::<Vec<_>>(), texts(0..4));
        assert_eq!(read_all(&mut *handle()), all);
        assert_eq!(store.after(2).unwrap(), all[2..]);
        assert_eq!(chain::verify(all.clone()), Ok(store.head()));
        assert_eq!(store.head(), all[3].head());
    });
}

#[test]
fn an_append_behind_the_end_is_refused_and_writes_nothing() {
    every_store(|handle| {
        let (mut ours, mut theirs) = (handle(), handle());
        theirs.append(0, &texts(0..2)).unwrap();
        for after in [0, 1, 2, 9] {
            let refused = ours.append(after, &texts(5..6));
            assert!(matches!(refused, Err(AppendError::Moved { .. })), "{after}: {refused:?}");
        }
        assert_eq!(read_all(&mut *ours).len(), 2);
        ours.append(2, &texts(2..3)).unwrap();
        assert_eq!(read_all(&mut *handle()).len(), 3);
    });
}

#[test]
fn an_empty_append_only_judges_the_end() {
    every_store(|handle| {
        let mut store = handle();
        assert_eq!(store.append(0, &[]).unwrap(), []);
        store.append(0, &texts(0..1)).unwrap();
        assert_eq!(store.append(1, &[]).unwrap(), []);
        assert!(matches!(store.append(0, &[]), Err(AppendError::Moved { .. })));
    });
}

#[test]
fn a_change_is_noticed_until_it_is_read() {
    every_store(|handle| {
        let (mut ours, mut theirs) = (handle(), handle());
        assert!(!ours.changed().unwrap());
        theirs.append(0, &texts(0..1)).unwrap();
        assert!(!theirs.changed().unwrap(), "one's own append is known");
        assert!(ours.changed().unwrap());
        assert!(ours.changed().unwrap(), "still unread");
        ours.after(0).unwrap();
        assert!(!ours.changed().unwrap());
        theirs.renew_lease(&holder(1), 0).unwrap();
        assert!(!ours.changed().unwrap(), "a lease is no event");
        theirs.append(1, &texts(1..2)).unwrap();
        assert!(ours.changed().unwrap());
    });
}

#[test]
fn a_long_journal_comes_in_pages() {
    every_store(|handle| {
        let many = texts(0..PAGE as u64 + 10);
        handle().append(0, &many).unwrap();
        let mut store = handle();
        assert_eq!(store.after(0).unwrap().len(), PAGE);
        assert!(store.changed().unwrap());
        assert!(matches!(store.append(store.head().seq, &many[..1]), Err(AppendError::Moved { .. })));
        assert_eq!(store.after(PAGE as u64).unwrap().len(), 10);
        assert_eq!(store.after(PAGE as u64 + 10).unwrap(), []);
        assert_eq!(store.after(1).unwrap().len(), PAGE, "read again from anywhere");
        store.append(store.head().seq, &many[..1]).unwrap();
    });
}

#[test]
fn a_place_never_handed_out_cannot_be_read_from() {
    every_store(|handle| {
        handle().append(0, &texts(0..3)).unwrap();
        let mut store = handle();
        assert!(matches!(store.after(2), Err(JournalError::Backwards { seq: 2, .. })));
        store.after(0).unwrap();
        assert_eq!(store.after(2).unwrap().len(), 1);
        assert!(matches!(store.after(4), Err(JournalError::Backwards { seq: 4, .. })));
    });
}

#[test]
fn many_writers_leave_no_gap_and_lose_nothing() {
    every_store(|handle| {
        let write = |mut store: Box<dyn Store>, who: u64| {
            for n in 0..25 {
                let text = [format!("{who}:{n}")];
                while let Err(error) = store.append(store.head().seq, &text) {
                    assert!(matches!(error, AppendError::Moved { .. }), "{error}");
                    read_on(&mut *store);
                }
            }
        };
        thread::scope(|scope| {
            for who in 0..4 {
                let store = handle();
                scope.spawn(move || write(store, who));
            }
        });
        let all = read_all(&mut *handle());
        assert_eq!(all.len(), 100);
        chain::verify(all.clone()).unwrap();
        for who in 0..4 {
            let own: Vec<_> =
                all.iter().filter(|record| record.text.starts_with(&format!("{who}:"))).collect();
            assert!(own.iter().enumerate().all(|(n, record)| record.text == format!("{who}:{n}")));
        }
    });
}

fn read_on(store: &mut dyn Store) {
    while !store.after(store.head().seq).unwrap().is_empty() {}
}

#[test]
fn a_plan_is_kept_under_its_digest_only() {
    every_store(|handle| {
        let mut store = handle();
        let bytes = b"# Launch\r\n- [ ] \xff tick";
        let digest = chain::digest(bytes);
        assert_eq!(store.plan(&digest).unwrap(), None);
        store.keep_plan(&digest, bytes).unwrap();
        store.keep_plan(&digest, bytes).unwrap();
        assert_eq!(handle().plan(&digest).unwrap().as_deref(), Some(&bytes[..]));
        let wrong = store.keep_plan(&digest, b"other");
        assert!(matches!(wrong, Err(JournalError::PlanBytes { .. })), "{wrong:?}");
    });
}

fn holder(pid: u32) -> Holder {
    Holder {
        pid,
        started: 5,
        boot: format!("boot {pid}"),
        host: "ops".into(),
        name: "kim".into(),
        measures: true,
    }
}

#[test]
fn the_watch_has_one_holder() {
    every_store(|handle| {
        let (mut one, mut two) = (handle(), handle());
        assert_eq!(one.renew_lease(&holder(1), 1_000).unwrap(), Lease::Mine { taken_from: None });
        assert_eq!(one.renew_lease(&holder(1), 3_000).unwrap(), Lease::Mine { taken_from: None });
        let theirs = Lease::Theirs { holder: holder(1), renewed_ms: 3_000 };
        assert_eq!(two.renew_lease(&holder(2), 8_999).unwrap(), theirs);
        two.release_lease(&holder(2)).unwrap();
        assert_eq!(two.renew_lease(&holder(2), 8_999).unwrap(), theirs, "only its holder lets go");
        let taken = Lease::Mine { taken_from: Some(holder(1)) };
        assert_eq!(two.renew_lease(&holder(2), 9_000).unwrap(), taken);
        assert!(matches!(one.renew_lease(&holder(1), 9_001).unwrap(), Lease::Theirs { .. }));
        two.release_lease(&holder(2)).unwrap();
        assert_eq!(one.renew_lease(&holder(1), 9_002).unwrap(), Lease::Mine { taken_from: None });
    });
}

#[test]
fn the_rooms_row_says_when_it_closed() {
    every_store(|handle| {
        let mut store = handle();
        assert_eq!(store.meta().unwrap(), room());
        store.mark_closed(Some(7)).unwrap();
        assert_eq!(handle().meta().unwrap(), Meta { closed_ms: Some(7), ..room() });
        store.mark_closed(None).unwrap();
        assert_eq!(handle().meta().unwrap(), room());
    });
}

#[test]
fn reopening_keeps_the_verified_end() {
    every_store(|handle| {
        let mut store = handle();
        store.append(0, &texts(0..2)).unwrap();
        handle_moves_on(handle);
        store.reopen().unwrap();
        assert_eq!(store.head().seq, 2);
        assert_eq!(store.after(2).unwrap().len(), 1);
        store.append(3, &texts(3..4)).unwrap();
    });
}

fn handle_moves_on(handle: Handles<'_>) {
    let mut other = handle();
    read_on(&mut *other);
    other.append(2, &texts(2..3)).unwrap();
}

#[test]
fn a_view_only_store_shows_and_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let mut writer = SqliteStore::create(&path, &How::default(), &room()).unwrap().unwrap();
    writer.append(0, &texts(0..2)).unwrap();
    let read_only = How { read_only: true, ..How::default() };
    let stores: [(Box<dyn Store>, u64); 2] = [
        (Box::new(SqliteStore::open(&path, &read_only).unwrap()), 2),
        (Box::new(MemoryStore::view_only(room(), Why::Asked)), 0),
    ];
    for (mut store, events) in stores {
        assert_eq!(store.opened_as(), &OpenedAs::ReadOnly(Why::Asked));
        assert_eq!(store.after(0).unwrap().len() as u64, events);
        let refused = store.append(events, &texts(2..3)).unwrap_err();
        assert!(matches!(refused, AppendError::Failed(JournalError::ViewOnly { why: Why::Asked, .. })));
        assert!(store.keep_plan(&chain::digest(b"x"), b"x").is_err());
        assert!(store.mark_closed(None).is_err());
        assert_eq!(store.renew_lease(&holder(1), 1_000).unwrap(), Lease::Free);
        store.release_lease(&holder(1)).unwrap();
    }
    assert_eq!(writer.renew_lease(&holder(2), 1_000).unwrap(), Lease::Mine { taken_from: None });
}
