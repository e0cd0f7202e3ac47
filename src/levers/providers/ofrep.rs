//! OpenFeature Remote Evaluation: what a flag gives out, as a second opinion after a change. Pure.
//!
//! One evaluation says nothing of a share of people, so only 0, 100, on and off can be looked at.

use serde_json::{Value, json};

use super::{Request, beneath};
use crate::plan::binding::{FlagBinding, Verify};

/// The question, where the binding names somebody to ask and the new value can be seen in one answer.
pub(in crate::levers) fn opinion(
    binding: &FlagBinding,
    to: &Value,
) -> Option<Result<(Request, bool), String>> {
    let Verify::Ofrep(server) = binding.verify.as_ref()?;
    let wanted = match to {
        Value::Bool(on) => *on,
        number if number.as_f64() == Some(0.0) => false,
        number if number.as_f64() == Some(100.0) => true,
        _ => return None,
    };
    let body = json!({ "context": { "targetingKey": "warroom" } }).to_string();
    let made = beneath(server, &["ofrep", "v1", "evaluate", "flags", binding.key()])
        .and_then(|url| Request::new("POST", url.as_str(), &[], body));
    Some(made.map(|request| (request, wanted)))
}

/// What an answer gives out.
///
/// # Errors
/// A sentence: no boolean stands there.
pub(in crate::levers) fn gives(answer: &[u8]) -> Result<bool, String> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| "its answer is no JSON".to_owned())?;
    answer["value"].as_bool().ok_or_else(|| "its answer holds no boolean".to_owned())
}
