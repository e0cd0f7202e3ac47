//! Who holds the watch of a room on this computer: the holder's identity, and the one rule by
//! which a lease is kept, taken over or left alone. Stores keep the row and ask `judge`; the row
//! is renewed by the journal's own thread every two seconds.

use std::fs;

/// A lease not renewed for this long may be taken over.
pub const EXPIRES_MS: i64 = 6_000;

/// One process that can hold the watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since boot, which tells a reused pid apart; 0 where unknown.
    pub started: u64,
    /// Boot id and pid namespace: only within the same one does `pid` mean anything. Empty where unknown.
    pub boot: String,
    /// The computer's name, for people.
    pub host: String,
    /// The actor's name, for people.
    pub name: String,
    /// Whether it may measure what the plan's binding names. Who may not yields to who may.
    pub measures: bool,
}

impl Holder {
    /// This process, under the name its user goes by; it may measure.
    pub fn this_process(name: &str) -> Self {
        let pid = std::process::id();
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            pid,
            started: start_time(pid).unwrap_or(0),
            boot: boot(),
            host: host.trim().to_owned(),
            name: name.to_owned(),
            measures: true,
        }
    }

    /// Whether the same process is meant; names are decoration.
    pub fn is(&self, other: &Holder) -> bool {
        (self.pid, self.started, &self.boot) == (other.pid, other.started, &other.boot)
    }

    /// Certainly dead, as seen by `me`. Where that cannot be known the answer is no.
    fn is_dead(&self, me: &Holder) -> bool {
        !me.boot.is_empty() && self.boot == me.boot && start_time(self.pid) != Some(self.started)
    }
}

/// What an attempt to hold the watch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Ours until it is released or not renewed for [`EXPIRES_MS`].
    Mine {
        /// Whom it was taken from, if it had not been released.
        taken_from: Option<Holder>,
    },
    /// Somebody else's.
    Theirs {
        /// Who.
        holder: Holder,
        /// When they last renewed it, milliseconds since 1970.
        renewed_ms: i64,
    },
    /// Nobody's, and this store may not take it because it is view-only.
    Free,
}

/// A kept lease row: the holder and the time of its last renewal.
pub(super) type Kept = (Holder, i64);

/// Whether `me` may write the lease over what is kept, or whose it stays. A renewal from the
/// future, left by a clock that was set back, counts as expired too.
pub(super) fn judge(kept: Option<Kept>, me: &Holder, now_ms: i64) -> Lease {
    match kept {
        None => Lease::Mine { taken_from: None },
        Some((holder, _)) if holder.is(me) => Lease::Mine { taken_from: None },
        Some((holder, renewed_ms)) if (now_ms - renewed_ms).abs() >= EXPIRES_MS || holder.is_dead(me) => {
            Lease::Mine { taken_from: Some(holder) }
        }
        Some((holder, _)) if me.measures && !holder.measures => Lease::Mine { taken_from: Some(holder) },
        Some((holder, renewed_ms)) => Lease::Theirs { holder, renewed_ms },
    }
}

/// What a store that may not take a lease says of it.
pub(super) fn watch(kept: Option<Kept>, me: &Holder, now_ms: i64) -> Lease {
    match judge(kept, me, now_ms) {
        Lease::Mine { .. } => Lease::Free,
        theirs => theirs,
    }
}

/// Field 22 of `/proc/<pid>/stat`, for a process that is not a zombie.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
}

fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let pids = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    if id.is_empty() { id } else { format!("{} {}", id.trim(), pids.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn somebody(pid: u32) -> Holder {
        Holder {
            pid,
            started: 7,
            boot: format!("boot {pid}"),
            host: "ops2".into(),
            name: "kim".into(),
            measures: true,
        }
    }

    #[test]
    fn a_lease_stays_until_it_expires() {
        let (me, other) = (somebody(1), somebody(2));
        let ask = |renewed, now| judge(Some((other.clone(), renewed)), &me, now);
        let theirs = |renewed_ms| Lease::Theirs { holder: other.clone(), renewed_ms };
        let taken = Lease::Mine { taken_from: Some(other.clone()) };
        assert_eq!(judge(None, &me, 0), Lease::Mine { taken_from: None });
        assert_eq!(judge(Some((me.clone(), 0)), &me, 99_000), Lease::Mine { taken_from: None });
        assert_eq!(ask(1_000, 6_999), theirs(1_000));
        assert_eq!(ask(1_000, 7_000), taken);
        assert_eq!(ask(3_600_000, 1_000), taken, "a clock that was set back");
    }

    #[test]
    fn who_may_not_measure_yields_to_who_may() {
        let (able, unable) = (somebody(1), Holder { measures: false, ..somebody(2) });
        let asks = |me: &Holder, kept: &Holder| judge(Some((kept.clone(), 1_000)), me, 1_001);
        assert_eq!(asks(&able, &unable), Lease::Mine { taken_from: Some(unable.clone()) });
        assert!(matches!(asks(&unable, &able), Lease::Theirs { .. }));
        let other = Holder { measures: false, ..somebody(3) };
        assert!(matches!(asks(&other, &unable), Lease::Theirs { .. }), "nothing would be won");
    }

    #[test]
    fn a_dead_holder_of_this_boot_yields_at_once() {
        let me = Holder::this_process("me");
        if me.boot.is_empty() {
            eprintln!("SKIPPED: this system does not tell which processes live");
            return;
        }
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let holder = Holder { pid: child.id(), started: start_time(child.id()).unwrap_or(0), ..me.clone() };
        let ask = || judge(Some((holder.clone(), 1_000)), &me, 1_001);
        assert!(matches!(ask(), Lease::Theirs { .. }), "alive");
        child.kill().unwrap();
        while start_time(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert_eq!(ask(), Lease::Mine { taken_from: Some(holder.clone()) }, "a zombie is dead");
        child.wait().unwrap();
        assert_eq!(ask(), Lease::Mine { taken_from: Some(holder.clone()) });
        let reused = Holder { pid: me.pid, started: me.started + 1, ..me.clone() };
        assert!(matches!(judge(Some((reused, 1_000)), &me, 1_001), Lease::Mine { taken_from: Some(_) }));
    }

    #[test]
    fn this_process_knows_itself() {
        let me = Holder::this_process("kim");
        assert!(me.is(&Holder::this_process("another name")));
        assert!(!me.is_dead(&me));
    }
}
