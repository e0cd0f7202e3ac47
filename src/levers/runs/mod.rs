//! How a step really runs: a folder a step with what is to run, a supervisor process that claims it and
//! owns the child, and whoever follows it, in this process or in a later one.
//!
//! Files say everything, so that any process can be killed at any instant: `intent.json` (there from the
//! first moment on), `claim` (made once), `child`, `output` with `count`, `abort`, `result.json`. What
//! has a claim is never claimed again. Called by `Levers` through [`Runs`], and by the hidden
//! subcommand through [`supervise`].

mod ask;
mod claim;
mod fail;
mod follow;
mod intent;
mod mask;
mod process;
mod request;
mod ring;
mod sealed;
mod spawn;
mod standing;
mod supervisor;
mod tidy;
mod verdict;

pub use follow::Runs;
pub use process::{Process, Survivor};
pub use ring::{Tail, WHOLE};
pub use standing::{Standing, look, void};
pub use supervisor::{Refused, supervise};
pub use verdict::{How, Verdict};
