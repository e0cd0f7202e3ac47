//! `warroom schema`: JSON Schemas of `warroom.toml`, of a reading and of a report, for editors and other programs.

use schemars::schema_for;

use super::args::Schema;
use super::check::Reading;
use super::failure::Failure;
use super::print;
use crate::plan::binding::Binding;
use crate::report::Account;

/// Prints a schema.
///
/// # Errors
/// Standard output does not take it.
pub fn run(of: Schema) -> Result<(), Failure> {
    let schema = match of {
        Schema::Binding => schema_for!(Binding),
        Schema::Plan => schema_for!(Reading),
        Schema::Report => schema_for!(Account),
    };
    print::json(&serde_json::to_string_pretty(&schema).expect("a schema is plain data"))
}
