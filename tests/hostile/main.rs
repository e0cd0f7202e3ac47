//! Documents that nobody writes on purpose, and some that somebody does.

mod corpus;
mod damage;
mod growth;
mod invariants;
mod properties;
mod shapes;

use warroom::plan;
