//! temp
use chrono::Utc;
use ratatui::crossterm::event::{self, Event};
use std::sync::Arc;
use warroom::{app::*, plan::*, room::*, ui};
fn naive(text: &str) -> Plan {
    let mut p = Plan::default();
    let (mut h2, mut h3, mut cur): (String, String, Option<PhaseId>) = (String::new(), String::new(), None);
    for (n, l) in text.lines().enumerate() {
        let line = n + 1;
        if let Some(t) = l.strip_prefix("# ") {
            if p.title.is_empty() {
                p.title = t.into();
            }
        }
        if let Some(t) = l.strip_prefix("## ") {
            h2 = t.into();
            h3.clear();
            cur = None;
            if t.starts_with("Phase") {
                let (name, w) = t.split_once(" (").unwrap_or((t, ""));
                let id = PhaseId(format!("p{line}"));
                p.phases.push(Phase {
                    id: id.clone(),
                    name: name.into(),
                    line,
                    window: (!w.is_empty())
                        .then(|| Window { text: w.trim_end_matches(')').into(), ..Default::default() }),
                    ..Default::default()
                });
                cur = Some(id);
            }
        } else if let Some(t) = l.strip_prefix("### ").or(l.strip_prefix("#### ")) {
            h3 = t.into();
        }
        if let Some(t) = l.trim_start().strip_prefix("- [ ] ") {
            let owner = match &cur {
                Some(id) => Owner::Phase(id.clone()),
                None if h2.contains("Readiness") || h2.contains("Pre") => Owner::Before,
                None => Owner::Verification,
            };
            p.items.push(Item {
                id: ItemId(format!("i{line}")),
                text: t.replace('`', ""),
                line,
                checked: false,
                kind: ItemKind::Task,
                phase: cur.clone(),
                section: h3.clone(),
                owner,
                flag: None,
                threshold: None,
            });
        }
        for (c, cmp) in [('<', Cmp::Less), ('>', Cmp::More)] {
            if let Some((m, v)) = l.strip_prefix("- ").and_then(|l| l.split_once(c))
                && !l.contains("[ ]")
                && !m.contains('*')
                && m.len() < 45
            {
                let num: String = v.trim().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                let sev =
                    ["P0", "P1", "P2", "P3"].iter().find(|s| h3.starts_with(**s)).map(|s| s.to_string());
                if let Ok(x) = num.parse::<f64>() {
                    p.thresholds.push(Threshold {
                        id: ThresholdId(format!("t{line}")),
                        metric: m.trim().into(),
                        cmp,
                        value: Some(Value::One(x)),
                        unit: Some(v.trim()[num.len()..].trim().chars().take_while(|c| *c != ' ').collect()),
                        hold: None,
                        over: None,
                        role: if sev.is_some() {
                            warroom::plan::Role::Alert
                        } else {
                            warroom::plan::Role::Monitor
                        },
                        severity: sev,
                        phase: None,
                        line,
                        text: l.into(),
                        cooldown: None,
                        baseline: false,
                        procedure: None,
                    });
                }
                break;
            }
        }
        if let Some(f) = l.trim_start().strip_prefix("- [ ] `").and_then(|f| f.split_once("` = ")) {
            p.flags.push(Flag {
                name: f.0.into(),
                value: Some(f.1.split(' ').next().unwrap().into()),
                description: None,
                line,
                phase: None,
                stages: vec![],
            });
        }
        if l.starts_with("### ") && l.contains("Rollback (") {
            p.procedures.push(Procedure {
                id: ProcedureId(format!("r{line}")),
                title: l[4..].into(),
                kind: ProcedureKind::Rollback,
                target: None,
                steps: vec![Step::default(); 3],
                commands: vec![],
                line,
            });
        }
        if l.contains(":** ____") {
            p.signoffs.push(SignOff {
                id: SignOffId(format!("s{line}")),
                role: l.trim_start_matches("**").split(':').next().unwrap().into(),
                line,
                items: vec![],
            });
        }
    }
    p
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let plan = warroom::plan::read(&std::fs::read(&a[1]).unwrap(), "plan");
    let theme = a.get(2).map_or("dark", |s| s.as_str());
    let (depth, ascii) = match a.get(3).map(|s| s.as_str()) {
        Some("none") => (ui::Depth::None, true),
        Some("16") => (ui::Depth::Sixteen, false),
        _ => (ui::Depth::True, false),
    };
    let styles =
        ui::Styles::parse(ui::BUILT_IN.iter().find(|(n, _)| *n == theme).unwrap().1, depth, ascii).unwrap();
    let actor = Actor { name: "ana@ops".into(), role: warroom::room::Role::Commander };
    let mut app = App::new(Arc::new(plan), actor.clone(), Keymap::default(), chrono_tz::Tz::UTC, Utc::now());
    let mut seq = 0;
    let mut rec = |app: &mut App, e: warroom::room::Event, t: Option<u64>| {
        seq += 1;
        let f = Fact::new(uuid::Uuid::now_v7(), Utc::now(), "ana@ops", e);
        let x = app.update(
            Utc::now(),
            Msg::Recorded { entries: vec![Entry::read(seq, &f.to_text())], plan: None, ticket: t },
        );
        drop(x);
    };
    rec(
        &mut app,
        warroom::room::Event::RoomOpened {
            room: "churn-saver".into(),
            plan_path: "x".into(),
            environment: "production".into(),
            version: "0".into(),
        },
        None,
    );
    rec(
        &mut app,
        warroom::room::Event::PlanAdopted { digest: "sha256:abcdef0123".into(), title: "t".into() },
        None,
    );
    let room = Box::new(app.room.clone());
    app.update(Utc::now(), Msg::Opened { room, fresh: false });
    app.update(Utc::now(), Msg::Watch(Some(Watch { name: "ana".into(), mine: true })));
    let mut t = ratatui::init();
    loop {
        t.draw(|f| ui::render(f, &app, &styles)).unwrap();
        match event::read().unwrap() {
            Event::Key(k) => {
                for e in app.update(Utc::now(), Msg::Key(k)) {
                    match e {
                        Effect::Quit => {
                            ratatui::restore();
                            return;
                        }
                        Effect::Submit { ticket, intent } => {
                            match decide(&app.room, &intent, &actor, Utc::now()) {
                                Ok(v) => {
                                    for e in v {
                                        rec(&mut app, e, Some(ticket));
                                    }
                                }
                                Err(r) => {
                                    app.update(Utc::now(), Msg::Refused { ticket, refusal: r });
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}
