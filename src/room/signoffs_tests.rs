//! Sign-offs as a journal tells them: what holds, and every forgery that must not count.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::signoffs::*;
use super::*;
use crate::plan::{self, SignOff};
use crate::signing::wire::put;
use crate::signing::{Key, NAMESPACE, armor, blob, digest_of, message};

const PLAN: &str = "# Launch\n\n## Pre-flight\n\n- [ ] Back up\n\n## Phase 1: Canary (Hours 0-2)\n\n- [ ] Deploy\n\n\
                    ## Sign-off\n\n- [ ] CTO: ______\n- [ ] Product Owner: ______\n";

/// A key of a number.
struct Pair(Ed25519KeyPair);

impl Pair {
    fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn blob(&self) -> Vec<u8> {
        let mut out = vec![];
        put(&mut out, b"ssh-ed25519");
        put(&mut out, self.0.public_key().as_ref());
        out
    }

    fn line(&self, name: &str) -> String {
        let key = base64::engine::general_purpose::STANDARD.encode(self.blob());
        format!("{name} namespaces=\"{NAMESPACE}\" ssh-ed25519 {key}\n")
    }

    fn print(&self) -> String {
        Key::read(&self.blob()).unwrap().fingerprint().to_owned()
    }

    fn sign(&self, statement: &str, namespace: &str) -> String {
        let mut raw = vec![];
        put(&mut raw, b"ssh-ed25519");
        put(&mut raw, self.0.sign(&message(statement.as_bytes(), namespace)).as_ref());
        armor(&blob(&self.blob(), namespace, &raw))
    }
}

/// A room whose journal can be forged.
struct Stage {
    room: Room,
    now: DateTime<Utc>,
    log: Vec<Entry>,
}

impl Stage {
    fn new() -> Self {
        let plan = Arc::new(plan::read(PLAN.as_bytes(), "launch"));
        let mut stage = Self {
            room: Room::new(Arc::clone(&plan)),
            now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            log: vec![],
        };
        let (room, environment) = ("launch".to_owned(), "production".to_owned());
        let open = Intent::OpenRoom { room, plan_path: "/l.md".into(), environment, version: "0".into() };
        stage.ok(open);
        stage.ok(Intent::AdoptPlan { plan });
        stage
    }

    /// With ana and bo as signers.
    fn signed() -> Self {
        let mut stage = Self::new();
        stage.adopt(&(Pair::new(1).line("ana") + &Pair::new(2).line("bo")));
        stage
    }

    fn adopt(&mut self, text: &str) {
        self.ok(Intent::AdoptSigners { text: text.to_owned(), from: "/s".into(), zone: "UTC".into() });
    }

    fn act(&mut self, intent: Intent) -> Result<Vec<Event>, String> {
        let actor = Actor { name: "ana@desk".into(), role: Role::Commander };
        let events = decide(&self.room, &intent, &actor, self.now).map_err(|r| r.to_string())?;
        events.iter().for_each(|event| self.happened(event.clone()));
        Ok(events)
    }

    fn ok(&mut self, intent: Intent) -> Vec<Event> {
        self.act(intent).unwrap()
    }

    /// An entry, whoever wrote it.
    fn happened(&mut self, event: Event) {
        let seq = self.room.seq + 1;
        let text = Fact::new(Uuid::from_u128(u128::from(seq)), self.now, "ana@desk", event.clone()).to_text();
        let entry = Entry::read(seq, &text).linked([seq as u8; 32]);
        assert_eq!(entry.event, event, "it reads back");
        assert!(!event.sentence().is_empty());
        self.room.apply(&entry);
        self.log.push(entry);
    }

    fn line(&self, at: usize) -> SignOff {
        self.room.plan.signoffs[at].clone()
    }

    fn ask(&mut self, at: usize) -> Ask {
        let line = self.line(at);
        let shown = self.room.signing_digest(&line).unwrap();
        self.ok(Intent::AskSignOff { signoff: line.id, shown });
        self.room.ask(self.log.last().unwrap().id).unwrap().clone()
    }

    fn pen(&self, pair: &Pair, signer: &str) -> Pen {
        Pen {
            decision: Decision::Approve,
            exceptions: None,
            comment: None,
            signer: signer.into(),
            key: pair.print(),
        }
    }

    /// A whole and good sign-off of ana's.
    fn wanted(&mut self, at: usize) -> Signing {
        let (ask, pair) = (self.ask(at), Pair::new(1));
        let statement = self.room.statement(&ask, &self.pen(&pair, "ana"), self.now).unwrap().to_text();
        let signature = pair.sign(&statement, NAMESPACE);
        Signing {
            signoff: ask.signoff,
            decision: Decision::Approve,
            exceptions: None,
            comment: None,
            proof: Some((statement, signature)),
        }
    }

    fn event(&self, wanted: Signing) -> Event {
        let role = self.room.plan.signoffs.iter().find(|s| s.id == wanted.signoff).unwrap().role.clone();
        let Signing { signoff, decision, exceptions, comment, proof } = wanted;
        let (statement, signature) = proof.unzip();
        Event::SignedOff {
            signoff,
            role,
            decision,
            comment,
            signed: true,
            exceptions,
            statement,
            signature,
            saw: vec![],
        }
    }

    /// Why the fold says that what `decide` refuses does not count.
    fn forged(&mut self, wanted: Signing) -> String {
        let said = self.act(Intent::Sign(Box::new(wanted.clone()))).unwrap_err();
        let line = wanted.signoff.clone();
        let event = self.event(wanted);
        self.happened(event);
        match &self.room.signature(&line).unwrap().seal {
            Seal::Unverified { reason } => {
                assert!(said.contains(reason.as_str()), "one rule: {said} / {reason}");
                reason.clone()
            }
            other => panic!("it counts: {other:?}"),
        }
    }
}

#[test]
fn a_signature_counts_and_a_replay_says_the_same() {
    let mut stage = Stage::signed();
    let wanted = stage.wanted(0);
    stage.ok(Intent::Sign(Box::new(wanted)));
    let line = stage.line(0);
    let signature = stage.room.signature(&line.id).unwrap();
    assert_eq!(signature.seal, Seal::Verified { principal: "ana".into(), key: Pair::new(1).print() });
    assert_eq!((signature.name(), stage.room.signoff_gap(&line)), ("ana", None));
    let mut again = Room::new(Arc::clone(&stage.room.plan));
    stage.log.iter().for_each(|entry| again.apply(entry));
    assert_eq!(again, stage.room);
}

#[test]
fn every_forgery_is_named_and_never_counts() {
    type Forge = fn(&mut Stage) -> Signing;
    let cases: [(&str, Forge); 14] = [
        ("does not fit", |s| edit(s, "role: CTO", "role: CEO")),
        ("used up", |s| {
            let wanted = s.wanted(0);
            s.ok(Intent::Sign(Box::new(wanted.clone())));
            Signing { signoff: s.line(0).id, ..wanted }
        }),
        ("another role", |s| Signing { signoff: s.line(1).id, ..s.wanted(0) }),
        ("another decision", |s| Signing { decision: Decision::Reject, ..s.wanted(0) }),
        ("another comment", |s| Signing { comment: Some("fine".into()), ..s.wanted(0) }),
        ("not one of this room", |s| sign(s, |st| st.nonce = "7".repeat(32))),
        ("another room", |s| sign(s, |st| st.room = "other".into())),
        ("another room", |s| sign(s, |st| st.environment = "staging".into())),
        ("its head is not in this journal", |s| sign(s, |st| st.head.1 = digest_of("other"))),
        ("another plan", |s| sign(s, |st| st.plan = digest_of("other"))),
        ("another state", |s| sign(s, |st| st.evidence = digest_of("other"))),
        ("after its time", |s| {
            let wanted = s.wanted(0);
            s.now += SIGNING;
            wanted
        }),
        ("no key of bo", |s| sign(s, |st| st.signer = "bo".into())),
        ("made for \"git\"", |s| {
            let wanted = s.wanted(0);
            let (statement, _) = wanted.proof.clone().unwrap();
            let signature = Pair::new(1).sign(&statement, "git");
            Signing { proof: Some((statement, signature)), ..wanted }
        }),
    ];
    for (why, forge) in cases {
        let mut stage = Stage::signed();
        let wanted = forge(&mut stage);
        let replayed = why == "used up";
        if replayed {
            // The good one stays, and the replay is shown beside it.
            let event = stage.event(wanted.clone());
            stage.happened(event);
            let kept = stage.room.signature(&wanted.signoff).unwrap();
            assert!(matches!(kept.seal, Seal::Verified { .. }));
            assert!(kept.doubt.as_ref().is_some_and(|(_, _, said)| said.contains(why)), "{:?}", kept.doubt);
            assert!(stage.act(Intent::Sign(Box::new(wanted))).unwrap_err().contains(why));
            continue;
        }
        let line = wanted.signoff.clone();
        let said = stage.forged(wanted);
        assert!(said.contains(why), "{why}: {said}");
        let line = stage.room.plan.signoffs.iter().find(|s| s.id == line).unwrap().clone();
        assert!(stage.room.signoff_gap(&line).unwrap().contains("UNVERIFIED"));
    }
}

/// With a word of the statement changed after it was signed.
fn edit(stage: &mut Stage, from: &str, to: &str) -> Signing {
    let wanted = stage.wanted(0);
    let (statement, signature) = wanted.proof.clone().unwrap();
    let other = statement.replace(from, to);
    assert_ne!(other, statement);
    Signing { proof: Some((other, signature)), ..wanted }
}

/// With a field changed before it was signed by ana.
fn sign(stage: &mut Stage, change: fn(&mut crate::signing::Statement)) -> Signing {
    let wanted = stage.wanted(0);
    let (statement, _) = wanted.proof.clone().unwrap();
    let mut statement = crate::signing::Statement::parse(statement.as_bytes()).unwrap();
    change(&mut statement);
    let statement = statement.to_text();
    let signature = Pair::new(1).sign(&statement, NAMESPACE);
    Signing { proof: Some((statement, signature)), ..wanted }
}

#[test]
fn junk_instead_of_a_signature_is_refused_in_a_sentence() {
    for junk in ["", "yes", "-----BEGIN SSH SIGNATURE-----\n", &"A".repeat(100_000)] {
        let mut stage = Stage::signed();
        let wanted = stage.wanted(0);
        let (statement, _) = wanted.proof.clone().unwrap();
        let said = stage.forged(Signing { proof: Some((statement, junk.to_owned())), ..wanted.clone() });
        assert!(!said.is_empty() && said.len() < 200, "{said}");
    }
    let mut stage = Stage::signed();
    let wanted = stage.wanted(0);
    let (_, signature) = wanted.proof.clone().unwrap();
    stage.forged(Signing { proof: Some(("CRLF\r\n".into(), signature)), ..wanted.clone() });
    let Event::SignedOff { signoff, role, decision, comment, saw, .. } = stage.event(wanted) else { return };
    let (exceptions, statement, signature) = (None, None, None);
    let half = Event::SignedOff {
        signoff,
        role,
        decision,
        comment,
        signed: true,
        exceptions,
        statement,
        signature,
        saw,
    };
    stage.happened(half);
    let seal = &stage.room.signature(&stage.line(0).id).unwrap().seal;
    assert!(matches!(seal, Seal::Unverified { .. }), "it says signed and is not");
}

#[test]
fn a_room_without_signers_counts_what_is_unsigned_and_one_with_does_not() {
    let mut stage = Stage::new();
    let line = stage.line(0);
    let sign = Intent::SignOff { signoff: line.id.clone(), decision: Decision::Approve, comment: None };
    stage.ok(sign.clone());
    assert_eq!(stage.room.signoff_gap(&line), None);
    assert!(
        stage
            .act(Intent::AskSignOff { signoff: line.id.clone(), shown: String::new() })
            .unwrap_err()
            .contains("knows no signers")
    );
    stage.adopt(&Pair::new(1).line("ana"));
    assert!(stage.room.signoff_gap(&line).unwrap().contains("counts signatures only"));
    let wanted = stage.wanted(0);
    stage.ok(Intent::Sign(Box::new(wanted)));
    stage.ok(sign);
    let kept = stage.room.signature(&line.id).unwrap();
    assert!(matches!(kept.seal, Seal::Verified { .. }) && kept.doubt.is_some(), "the signed one stays");
    assert_eq!(stage.room.signoff_gap(&line), None);
}

#[test]
fn older_sign_offs_are_judged_by_the_signers_of_their_time() {
    let mut stage = Stage::signed();
    let (first, second) = (stage.wanted(0), stage.wanted(1));
    stage.ok(Intent::Sign(Box::new(first)));
    stage.adopt(&Pair::new(2).line("bo"));
    assert_eq!(stage.room.signoff_gap(&stage.line(0)), None);
    assert!(stage.forged(second).contains("names ana"));
    let digest = "not the digest".to_owned();
    let (text, from, zone) = (Pair::new(9).line("eve"), "/s".to_owned(), "UTC".to_owned());
    let before = stage.room.signers().unwrap().clone();
    stage.happened(Event::SignersAdopted { digest, text, from, zone });
    assert_eq!(stage.room.signers(), Some(&before), "a list that is not what it says is none");
}

#[test]
fn a_list_that_names_nobody_is_not_adopted() {
    let mut stage = Stage::new();
    let adopt = |text: String| Intent::AdoptSigners { text, from: "/s".into(), zone: "UTC".into() };
    let wild = Pair::new(1).line("*");
    assert!(stage.act(adopt(wild)).unwrap_err().contains("is a pattern"));
    assert!(stage.act(adopt(String::new())).unwrap_err().contains("names nobody"));
    assert!(stage.act(adopt("x".repeat(MAX_SIGNERS + 1))).unwrap_err().contains("bytes"));
    let engineer = Actor { name: "eng".into(), role: Role::Engineer };
    assert!(decide(&stage.room, &adopt(Pair::new(1).line("ana")), &engineer, stage.now).is_err());
}

#[test]
fn another_plan_makes_it_stale_and_says_what_changed() {
    let mut stage = Stage::signed();
    let wanted = stage.wanted(0);
    stage.ok(Intent::Sign(Box::new(wanted)));
    let other = Arc::new(plan::read(PLAN.replace("Back up", "Back up twice").as_bytes(), "launch"));
    stage.ok(Intent::AdoptPlan { plan: Arc::clone(&other) });
    stage.room.follow(other);
    let line = stage.line(0);
    let signature = stage.room.signature(&line.id).unwrap();
    assert_eq!(stage.room.changed_since(signature), ["- Back up", "+ Back up twice"]);
    assert_eq!(stage.room.signoff_gap(&line).as_deref(), Some("CTO signed an earlier plan"));
    assert_eq!(stage.room.seal_words(signature), "signed, stale");
}

#[test]
fn what_is_excepted_is_signed_too() {
    let mut stage = Stage::signed();
    let ask = stage.ask(0);
    let pair = Pair::new(1);
    let pen = Pen {
        decision: Decision::ApproveWithExceptions,
        exceptions: Some("no push".into()),
        ..stage.pen(&pair, "ana")
    };
    let statement = stage.room.statement(&ask, &pen, stage.now + TimeDelta::milliseconds(700)).unwrap();
    let statement = statement.to_text();
    let wanted = |exceptions: Option<&str>| Signing {
        signoff: ask.signoff.clone(),
        decision: Decision::ApproveWithExceptions,
        exceptions: exceptions.map(str::to_owned),
        comment: None,
        proof: Some((statement.clone(), pair.sign(&statement, NAMESPACE))),
    };
    assert!(stage.act(Intent::Sign(Box::new(wanted(None)))).unwrap_err().contains("names them"));
    assert!(stage.act(Intent::Sign(Box::new(wanted(Some("all"))))).is_err());
    stage.ok(Intent::Sign(Box::new(wanted(Some("no push")))));
    let kept = stage.room.signature(&ask.signoff).unwrap();
    assert_eq!(
        (kept.exceptions.as_deref(), kept.decision),
        (Some("no push"), Decision::ApproveWithExceptions)
    );
}

#[test]
fn the_same_plan_read_with_other_words_or_limits_makes_it_stale() {
    type Change = fn(&mut plan::Plan);
    let changes: [(&str, Change); 3] = [
        ("an item", |p| p.items[1].text = "Deploy to all".into()),
        ("a phase", |p| p.phases.iter_mut().for_each(|phase| phase.name.push('!'))),
        ("a limit", |p| p.thresholds.push(plan::spoken::limit("m > 5%").unwrap())),
    ];
    for (what, change) in changes {
        let mut stage = Stage::signed();
        let wanted = stage.wanted(0);
        stage.ok(Intent::Sign(Box::new(wanted)));
        let line = stage.line(0);
        assert_eq!(stage.room.signoff_gap(&line), None);
        let mut other = (*stage.room.plan).clone();
        change(&mut other);
        stage.room.follow(Arc::new(other));
        assert_eq!(
            stage.room.signoff_gap(&line).as_deref(),
            Some("CTO signed other words or limits"),
            "{what}"
        );
    }
}

#[test]
fn an_entry_dated_back_brings_no_time_back() {
    let mut stage = Stage::signed();
    let wanted = stage.wanted(0);
    let early = stage.now;
    stage.now += SIGNING;
    stage.ok(Intent::AddNote { on: Subject::Room, text: "later".into() });
    stage.now = early;
    assert!(stage.forged(wanted).contains("after its time"));
    let mut stage = Stage::signed();
    let until = (stage.now + TimeDelta::minutes(5)).format("%Y%m%d%H%M%SZ").to_string();
    let list = Pair::new(1).line("ana").replace("ana ", &format!("ana valid-before=\"{until}\","));
    stage.adopt(&list);
    let wanted = stage.wanted(0);
    let early = stage.now;
    stage.now += TimeDelta::minutes(10);
    stage.ok(Intent::AddNote { on: Subject::Room, text: "later".into() });
    stage.now = early;
    assert!(stage.forged(wanted).contains("the key of ana"), "it was no key any more");
}

#[test]
fn a_slow_clock_can_sign_behind_a_fast_one() {
    let mut stage = Stage::signed();
    stage.now += TimeDelta::hours(1);
    stage.ok(Intent::AddNote { on: Subject::Room, text: "my clock is fast".into() });
    stage.now -= TimeDelta::hours(1);
    let wanted = stage.wanted(0);
    stage.ok(Intent::Sign(Box::new(wanted)));
    assert_eq!(stage.room.signoff_gap(&stage.line(0)), None);
}

#[test]
fn only_what_was_shown_can_be_asked_for() {
    let mut stage = Stage::signed();
    let line = stage.line(0);
    let shown = stage.room.signing_digest(&line).unwrap();
    let ask = |shown: &str| Intent::AskSignOff { signoff: line.id.clone(), shown: shown.to_owned() };
    stage.now += TimeDelta::minutes(1);
    stage.ok(ask(&shown));
    stage.ok(Intent::Tick(stage.room.plan.items[0].id.clone()));
    assert!(stage.act(ask(&shown)).unwrap_err().contains("look again"));
    let again = stage.room.signing_digest(&line).unwrap();
    stage.ok(ask(&again));
}
