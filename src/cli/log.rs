//! `warroom log`: what happened, oldest first, a line each.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::room::Entry;
use crate::text::clean;

/// One entry for a person.
pub fn told(entry: &Entry, zone: Tz) -> String {
    let at = entry.at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
    format!("{:>6}  {at}  {:<16} {}", entry.seq, clean(&entry.by), clean(&entry.event.sentence()))
}

/// One entry as JSON: the stored fact with its place. A text that is no JSON comes as a string.
pub fn as_json(seq: u64, stored: &str) -> String {
    match serde_json::from_str::<Value>(stored) {
        Ok(Value::Object(mut fact)) => {
            fact.insert("seq".to_owned(), json!(seq));
            Value::Object(fact).to_string()
        }
        _ => json!({ "seq": seq, "text": stored }).to_string(),
    }
}
