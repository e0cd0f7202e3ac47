//! Any bytes as a plan: what must hold for every document, holds. See CONTRIBUTING.md.

#![no_main]

#[path = "../../tests/hostile/invariants.rs"]
mod invariants;
#[allow(dead_code, unused_imports, reason = "the reader as it is; this target looks at a part of it")]
#[path = "../../src/plan/mod.rs"]
mod plan;
#[allow(dead_code, reason = "the reader uses a part of it")]
#[path = "../../src/text.rs"]
mod text;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| invariants::hold(bytes));
