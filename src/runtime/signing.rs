//! Signatures for the box that signs: keys of the agent and of the settings' file, each asked on a thread
//! of its own, so that a key that waits for a touch holds up nothing.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedSender;

use super::outside::Came;
use crate::app::{KeyChoice, SignWish, Signed};
use crate::identity::agent::Stop;
use crate::identity::{Held, KeyTrouble, Place, Which, held, sign};

/// What signs here.
#[derive(Debug, Default)]
pub(super) struct Pens {
    /// The key file of the settings.
    pub file: Option<PathBuf>,
    /// The signature that is waited for.
    making: Option<Stop>,
}

impl Pens {
    /// Does what is wished; what comes of it is reported.
    pub fn perform(&mut self, wish: SignWish, hear: UnboundedSender<Came>) {
        if let Some(before) = self.making.take() {
            before.stop();
        }
        let stop = Stop::default();
        let file = self.file.clone();
        match wish {
            SignWish::Stop => {}
            SignWish::Keys => on_a_thread(hear, move || Signed::Keys(keys(file.as_ref(), &stop))),
            SignWish::Make { nonce, key, statement } => {
                self.making = Some(stop.clone());
                on_a_thread(hear, move || {
                    let signature = make(&key, file.as_ref(), &statement, &stop);
                    Signed::Made { nonce, signature: signature.map_err(|why| said(&why)) }
                });
            }
        }
    }
}

fn said(why: &KeyTrouble) -> String {
    format!("{why}: {}", why.hint())
}

/// Those of the file and of the agent; where neither has one, why.
fn all(file: Option<&PathBuf>, stop: &Stop) -> Result<Vec<Held>, KeyTrouble> {
    let own = file.map(|path| held(&Which::File(path.clone()), stop));
    let agent = held(&Which::Agent(None), stop);
    match (own, agent) {
        (Some(Ok(mut own)), agent) => {
            own.extend(agent.unwrap_or_default());
            Ok(own)
        }
        (_, Ok(agent)) => Ok(agent),
        (Some(Err(why)), Err(_)) | (None, Err(why)) => Err(why),
    }
}

fn keys(file: Option<&PathBuf>, stop: &Stop) -> Result<Vec<KeyChoice>, String> {
    let label = |held: &Held| match &held.place {
        Place::Agent => held.comment.clone(),
        Place::File(path) => path.display().to_string(),
    };
    let choice = |held: Held| KeyChoice { label: label(&held), key: held.key };
    all(file, stop).map(|keys| keys.into_iter().map(choice).collect()).map_err(|why| said(&why))
}

fn make(key: &KeyChoice, file: Option<&PathBuf>, statement: &str, stop: &Stop) -> Result<String, KeyTrouble> {
    let found = all(file, stop)?.into_iter().find(|held| held.key == key.key);
    let held = found.ok_or_else(|| KeyTrouble::NoSuch(key.label.clone()))?;
    sign(&held, statement.as_bytes(), None, stop)
}

fn on_a_thread(hear: UnboundedSender<Came>, deed: impl FnOnce() -> Signed + Send + 'static) {
    let failed = hear.clone();
    // Whoever listened may be gone.
    let body = move || drop(hear.send(Came::Signed(Box::new(deed()))));
    if let Err(why) = std::thread::Builder::new().name("signing".into()).spawn(body) {
        let why = format!("nothing was signed: {why}");
        let _ = failed.send(Came::Signed(Box::new(Signed::Keys(Err(why)))));
    }
}
