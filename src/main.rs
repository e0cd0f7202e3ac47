//! The program: everything is in the library.

use std::process::ExitCode;

#[cfg(any())]
fn main_() -> ExitCode {
    warroom::cli::run()
}
fn main() {}
