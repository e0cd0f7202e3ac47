//! What a signed sign-off is: the statement's text, an SSH signature over it, and the list of whose
//! keys count. Verdicts on signatures are those of `ssh-keygen -Y verify`; what this house asks beyond
//! that stands in [`judge()`]. Pure: bytes in, a verdict out. It must not read files or keys and knows no
//! room; `room` folds with it, `identity` makes what it judges.

mod judge;
mod keys;
mod signers;
mod sshsig;
mod statement;
mod times;
pub mod wire;

pub use judge::{Accepted, Signed, Unverified, accept, judge};
pub use keys::{Key, Kind};
pub use signers::{Signer, Signers};
pub use sshsig::{armor, blob, checks, message};
pub use statement::{Decision, FIRST, Garbled, MAX_STATEMENT, Statement, digest_of};

/// What an SSH signature of a sign-off is made for, so that none made for something else counts.
pub const NAMESPACE: &str = "signoff-v1@warroom";
