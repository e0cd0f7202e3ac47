//! A change of a flag as it is shown, confirmed and sent, and what came of it. Pure.

use serde_json::{Number, Value};

use super::exact::Exact;
use super::providers::{self, Basis, Reading};
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
    /// What is sent or written, byte for byte.
    pub request: Exact,
    /// What the provider has to know beside the value, as it was when the change was made up.
    pub(super) basis: Basis,
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
    /// The provider cannot be told so, or the flag has to be read first.
    #[error("{flag} cannot be changed: {why}")]
    Provider {
        /// The flag.
        flag: String,
        /// A sentence.
        why: String,
    },
}

impl FlagChange {
    /// The change of a bound flag to a value, where `from` is all that is known of it. Enough for a switch
    /// behind HTTP and for most ways back; others have to be read first.
    ///
    /// # Errors
    /// The value or the binding cannot be sent, or not before the flag was read.
    pub fn new(binding: &FlagBinding, from: Option<Value>, to: &Value) -> Result<Self, NoChange> {
        let reading = from.map(|value| Reading { value, basis: Basis::Nothing });
        Self::by(binding, reading.as_ref(), to)
    }

    /// The change of a flag as it was read. A whole number is sent without a point.
    ///
    /// # Errors
    /// The value or the binding cannot be sent, or not before the flag was read.
    pub fn by(binding: &FlagBinding, reading: Option<&Reading>, to: &Value) -> Result<Self, NoChange> {
        let flag = binding.name.clone();
        let Some(to) = settled(to) else {
            return Err(NoChange::Value { flag, value: to.to_string() });
        };
        match providers::acts(binding, reading, &to) {
            Err(why) => Err(NoChange::Provider { flag, why }),
            Ok(acts) => {
                let from = reading.map(|r| r.value.clone());
                let basis = reading.map(|r| r.basis.clone()).unwrap_or_default();
                Ok(Self { flag, from, to, request: Exact::of(acts), basis })
            }
        }
    }

    /// What it was made up from.
    pub(super) fn reading(&self) -> Option<Reading> {
        self.from.clone().map(|value| Reading { value, basis: self.basis.clone() })
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
        /// The last answer's number; none for a file.
        status: Option<u16>,
        /// What else is to be known of it; empty for nothing.
        note: String,
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
    /// Nothing was changed by it: it was not sent, or came too late.
    Failed(String),
    /// It may have happened or not; the flag has to be read again before anything is offered.
    Unknown(String),
}

/// What a provider's answer holds, bare or as `{"value": …}`.
///
/// # Errors
/// A sentence: neither a boolean nor a number.
pub(super) fn value_of(answer: Value) -> Result<Value, String> {
    let value = match answer {
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
pub(super) fn settled(value: &Value) -> Option<Value> {
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
            let change = FlagChange::new(&bound(), None, &to).unwrap();
            assert_eq!(change.request.shown().last().map(String::as_str), Some(body));
        }
        for to in [json!("on"), json!(null), json!([1]), json!({"value": 1})] {
            assert!(matches!(FlagChange::new(&bound(), None, &to), Err(NoChange::Value { .. })), "{to}");
        }
    }

    #[test]
    fn answers_are_read_bare_and_wrapped() {
        for (answer, value) in [("true", json!(true)), ("{\"value\": 25.0}", json!(25)), ("0", json!(0))] {
            assert_eq!(value_of(serde_json::from_str(answer).unwrap()), Ok(value));
        }
        for answer in ["\"on\"", "{}", "{\"value\": null}", "[true]"] {
            assert!(value_of(serde_json::from_str(answer).unwrap()).is_err(), "{answer}");
        }
        assert!(same(&json!(25), &json!(25.0)) && !same(&json!(1), &json!(true)));
        assert!(!same(&json!("on"), &json!("on")), "what is no value is not the same as anything");
    }
}
