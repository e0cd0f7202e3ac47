//! Places where a test can have this process die as by `kill -9`. Only debug builds have them.

/// The variable that names the place.
pub(super) const VARIABLE: &str = "WARROOM_FAILPOINT";

/// Dies here if a test asked for it.
#[cfg(debug_assertions)]
pub(super) fn point(name: &str) {
    if std::env::var_os(VARIABLE).is_some_and(|wanted| wanted == name) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        loop {
            std::thread::park();
        }
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(super) fn point(_: &str) {}
