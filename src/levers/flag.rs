//! A change of a flag as it is shown, confirmed and sent, and what came of it. Pure.

use serde_json::{Number, Value};

use super::exact::Exact;
use crate::plan::binding::FlagBinding;

/// A change that can be confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagChange {
    /// The plan's flag.
    pub flag: String,
    /// What it was when the change was made up; none where it could not be read.
    pub from: Option<Value>,
    /// What it is to be: a boolean or a number.
    pub to: Value,
    /// What is sent, byte for byte.
    pub request: Exact,
}

/// Why a change cannot be made up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChange {
    /// Neither a boolean nor a number.
    #[error("{flag} cannot become {value}: a flag is on, off or a number")]
    Value {
        /// The flag.
        flag: String,
        /// What was wanted.
        value: String,
    },
    /// The binding's address cannot be used.
    #[error("{flag} cannot be changed: {why}")]
    Address {
        /// The flag.
        flag: String,
        /// A sentence about the address.
        why: String,
    },
}

impl FlagChange {
    /// The change of a bound flag to a value. A whole number is sent without a point.
    ///
    /// # Errors
    /// The value or the binding's address cannot be sent.
    pub fn new(binding: &FlagBinding, from: Option<Value>, to: &Value) -> Result<Self, NoChange> {
        let flag = binding.name.clone();
        let Some(to) = settled(to) else {
            return Err(NoChange::Value { flag, value: to.to_string() });
        };
        let body = serde_json::json!({ "value": to }).to_string();
        match Exact::put(&binding.write, body) {
            Ok(request) => Ok(Self { flag, from, to, request }),
            Err(why) => Err(NoChange::Address { flag, why }),
        }
    }
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was written and the flag reads so.
    Done {
        /// What the flag reads.
        read_back: Value,
        /// The provider's own name for the change, where it gives one.
        request_id: Option<String>,
    },
    /// The provider said no.
    Refused {
        /// Its answer.
        status: u16,
        /// In its words, cleaned.
        why: String,
    },
    /// The environment is protected: the change has to be approved at the provider.
    NeedsApproval {
        /// 403 or 405.
        status: u16,
    },
    /// Nothing was sent.
    Failed(String),
    /// It may have happened or not; the flag has to be read again before anything is offered.
    Unknown(String),
}

/// What a provider's answer holds, bare or as `{"value": …}`.
///
/// # Errors
/// A sentence: no JSON, or neither a boolean nor a number.
pub(super) fn value_of(answer: &[u8]) -> Result<Value, String> {
    let value: Value = serde_json::from_slice(answer).map_err(|_| "the answer is no JSON".to_owned())?;
    let value = match value {
        Value::Object(mut fields) => fields.remove("value").unwrap_or_default(),
        bare => bare,
    };
    settled(&value).ok_or_else(|| "the answer holds neither a boolean nor a number".to_owned())
}

/// Whether two values mean the same: 25 is 25.0.
pub fn same(a: &Value, b: &Value) -> bool {
    settled(a).is_some_and(|a| Some(a) == settled(b))
}

/// Booleans and numbers, whole ones without a point.
fn settled(value: &Value) -> Option<Value> {
    /// Up to here every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Number(n) => Some(match n.as_f64() {
            Some(x) if n.is_f64() && x.fract() == 0.0 && x.abs() < EXACT => {
                Value::Number(Number::from(x as i64))
            }
            _ => value.clone(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bound() -> FlagBinding {
        let at = "http://127.0.0.1:1/flags/pay".to_owned();
        FlagBinding {
            name: "pay".to_owned(),
            read: at.clone(),
            write: at,
            rungs: vec![],
            ..FlagBinding::default()
        }
    }

    #[test]
    fn booleans_and_numbers_become_the_body() {
        for (to, body) in [
            (json!(true), "{\"value\":true}"),
            (json!(25.0), "{\"value\":25}"),
            (json!(12.5), "{\"value\":12.5}"),
            (json!(-0.0), "{\"value\":0}"),
        ] {
            assert_eq!(FlagChange::new(&bound(), None, &to).unwrap().request.body(), body);
        }
        for to in [json!("on"), json!(null), json!([1]), json!({"value": 1})] {
            assert!(matches!(FlagChange::new(&bound(), None, &to), Err(NoChange::Value { .. })), "{to}");
        }
    }

    #[test]
    fn answers_are_read_bare_and_wrapped() {
        for (answer, value) in [("true", json!(true)), ("{\"value\": 25.0}", json!(25)), ("0", json!(0))] {
            assert_eq!(value_of(answer.as_bytes()), Ok(value));
        }
        for answer in ["", "on", "\"on\"", "{}", "{\"value\": null}", "[true]", "<html>"] {
            assert!(value_of(answer.as_bytes()).is_err(), "{answer}");
        }
        assert!(same(&json!(25), &json!(25.0)) && !same(&json!(1), &json!(true)));
        assert!(!same(&json!("on"), &json!("on")), "what is no value is not the same as anything");
    }
}
