//! Whom to call and who has to sign.

use std::collections::HashMap;

use super::ident::Ids;
use super::items::past_glyph;
use super::outline::{Block, Kind, Outline, ScopeKind};
use super::phases::Phases;
use super::tables::{Table, cell, tables};
use super::topic::*;
use super::vocabulary::words;
use super::words::{fold, has_any};
use super::{Contact, SignOff, SignOffId};

/// Words that say what somebody is called for and not who it is.
const RANKS: &[&str] = words! {
    "primary" "secondary" "tertiary" "escalation" "backup" "support" "status" "emergency" "phone"
    "email" "slack" "hotline" "first" "second" "third" "on call" "oncall" "primary on call"
    "secondary on call" "backup on call" "level 1" "level 2" "level 3" "l1" "l2" "l3" "tier 1" "tier 2"
    "pager" "name" "contact" "primary contact" "secondary contact" "backup contact"
    "escalation contact" "status page" "erster" "zweiter" "primär" "sekundär" "eskalation" "principal"
    "primario" "secundario" "primário" "secundário" "escalamento" "escalado" "suplente" "p1"
    "first responder" "1st" "2nd" "3rd"
};

/// The contacts of the plan.
pub(crate) fn contacts(outline: &Outline) -> Vec<Contact> {
    let mut out: Vec<Contact> = outline.blocks.iter().filter_map(|b| listed(outline, b)).collect();
    for table in tables(outline) {
        out.extend(rows(outline, &table));
    }
    out.sort_by_key(|c| c.line);
    out
}

fn is_contacts(outline: &Outline, scope: usize) -> bool {
    const OTHER: Topics = CONTACTS
        .and(COMMS)
        .and(RISK)
        .and(SIGNOFF)
        .and(PREFLIGHT)
        .and(VERIFY)
        .and(PHASES)
        .and(ROLLBACK)
        .and(TEMPLATE)
        .and(SUCCESS)
        .and(READY)
        .and(ACTIONS)
        .and(SEVERITY)
        .and(SCENARIO);
    let near = outline.nearest(scope, OTHER);
    near.is_some_and(|s| {
        outline.scopes[s].topics.any(CONTACTS)
            && !outline.scopes[s].topics.any(READY.and(SIGNOFF).and(ACTIONS))
    })
}

fn listed(outline: &Outline, block: &Block) -> Option<Contact> {
    if !block.is_item()
        || block.task().is_some()
        || !(is_contacts(outline, block.scope) || is_ranked(outline, block))
        || outline.has_children(block)
    {
        return None;
    }
    let text = block.text();
    let split = block
        .rich
        .label()
        .filter(|(label, _)| label.contains('(') == label.contains(')'))
        .or_else(|| text.split_once(" - "))
        .or_else(|| text.split_once(" – "))
        .or_else(|| text.split_once(" — "));
    let (role, detail) = match split {
        Some((label, _)) if tells_times(label) => return None,
        Some((label, rest)) if !rest.is_empty() => by_rank(label, rest),
        _ if reachable(text) => (text.to_owned(), None),
        _ if block.is_ordered() => rung(text)?,
        _ => return None,
    };
    Some(Contact { role, detail, group: group(outline, block.scope), line: block.line })
}

/// "**Level 1**: On-call engineer (5 min)" under "Escalation".
fn is_ranked(outline: &Outline, block: &Block) -> bool {
    let Some((label, rest)) = block.rich.label() else { return false };
    let role = rest.split('(').next().unwrap_or(rest);
    let spoken = outline.nearest(block.scope, INCIDENT.and(CONTACTS).and(COMMS).and(ROLLBACK));
    RANKS.contains(&fold(label).as_str())
        && is_role(role)
        && spoken.is_some_and(|s| outline.scopes[s].topics.any(INCIDENT))
}

/// "Primary: DevOps Lead" is the lead, called first; "DBA: for data problems" is the DBA.
fn by_rank(label: &str, rest: &str) -> (String, Option<String>) {
    let rank = RANKS.contains(&fold(label).as_str()) && !is_blank(rest);
    let (role, detail) = if rank { (rest, label) } else { (label, rest) };
    (role.trim().to_owned(), Some(detail.trim().to_owned()))
}

/// "Escalation time limits: critical within 5 minutes" calls nobody.
fn tells_times(label: &str) -> bool {
    has_any(&fold(label), words! { "time limit" "time limits" "response time" "response times" "timeouts" })
}

/// `[name, phone]`, `<who>`, "TBD": nobody yet.
fn is_blank(rest: &str) -> bool {
    let rest = rest.trim();
    let framed =
        [('[', ']'), ('<', '>'), ('{', '}')].iter().any(|(a, b)| rest.starts_with(*a) && rest.ends_with(*b));
    framed
        || rest.starts_with("__")
        || ["tbd", "tba", "n/a", "-", "?", "xxx"].contains(&rest.to_lowercase().as_str())
}

/// "2. Engineering manager (15 min)" on a path of escalation; "Page the engineering manager" is a step.
fn rung(text: &str) -> Option<(String, Option<String>)> {
    const VERBS: &[&str] = words! {
        "call" "page" "notify" "contact" "escalate" "inform" "ask" "open" "tell" "alert" "post" "wait" "check"
    };
    let (role, detail) = text.split_once('(').map_or((text, None), |(role, rest)| (role, Some(rest)));
    let verb = VERBS.contains(&fold(role).split(' ').next().unwrap_or(""));
    let detail = detail.map(|rest| rest.trim_end_matches(')').trim().to_owned());
    (!verb && is_role(role)).then(|| (role.trim().to_owned(), detail))
}

fn reachable(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.contains('@') || digits >= 6 || text.contains("://")
}

/// The sub-section that a contact stands in.
fn group(outline: &Outline, scope: usize) -> Option<String> {
    let section = outline.section(scope);
    let inside = outline.scopes[section].parent.is_some_and(|p| is_contacts(outline, p));
    inside.then(|| outline.scopes[section].title.clone())
}

fn rows(outline: &Outline, table: &Table) -> Vec<Contact> {
    const ROLE: &[&str] = words! {
        "role" "position" "function" "team" "rotation" "service" "responsibility" "area" "title" "rolle" "funktion" "rôle"
        "rol" "papel" "função" "役割" "角色" "역할"
    };
    const NAME: &[&str] = words! {
        "name" "person" "who" "owner" "contact" "engineer" "primary" "on call" "kontakt"
        "ansprechpartner" "contacto" "contato" "nom" "nombre" "nome" "氏名" "担当" "姓名" "联系人" "이름" "대상"
    };
    const REACH: &[&str] = words! {
        "contact" "phone" "email" "slack" "pager" "reach" "handle" "telefon" "telefone" "teléfono"
        "téléphone" "連絡先" "联系方式" "연락처"
    };
    const NOT: &[&str] = words! {
        "risk" "metric" "signature" "sign off" "message" "threshold" "phase" "approved" "date signed"
    };
    let spoken = is_contacts(outline, table.header.scope);
    let (role, name, reach) = (table.column(ROLE), table.column(NAME), table.column(REACH));
    if table.titles.iter().any(|t| has_any(t, NOT))
        || !(spoken && (role.is_some() || name.is_some()) || role.is_some() && reach.is_some())
    {
        return Vec::new();
    }
    let main = role.or(name);
    let made = table.rows.iter().filter_map(|(block, cells)| {
        let text = cell(cells, main)?;
        let others = cells.iter().enumerate().filter(|(i, c)| Some(*i) != main && !c.text.trim().is_empty());
        let detail = others.map(|(_, c)| c.text.trim()).collect::<Vec<_>>().join(", ");
        let detail = (!detail.is_empty()).then_some(detail);
        Some(Contact { role: text.to_owned(), detail, group: group(outline, block.scope), line: block.line })
    });
    made.collect()
}

/// Sign-offs with the scopes whose items they hold and the lines that are an item themselves.
pub(crate) struct SignOffs {
    /// In the order of the document; their items are filled in later.
    pub list: Vec<SignOff>,
    /// By scope.
    pub scopes: HashMap<usize, SignOffId>,
    /// By line.
    pub lines: HashMap<usize, SignOffId>,
}

/// Who has to sign.
pub(crate) fn signoffs(outline: &Outline, phases: &Phases) -> SignOffs {
    let mut out = SignOffs { list: Vec::new(), scopes: HashMap::new(), lines: HashMap::new() };
    let mut ids = Ids::default();
    let signed = signed_scopes(outline);
    for block in &outline.blocks {
        if let Some(role) = signer(outline, block, &signed) {
            let id = out.add(&mut ids, &role, block.line);
            let home = outline.section(block.scope);
            if block.task().is_some() {
                out.lines.insert(block.line, id);
            } else if is_signoff(outline, home) && phases.scope_of(home) != Some(home) && home != 0 {
                out.scopes.entry(home).or_insert(id);
            }
        }
    }
    for table in tables(outline) {
        rows_signed(outline, &table, &mut ids, &mut out);
    }
    out.list.sort_by_key(|s| s.line);
    out
}

impl SignOffs {
    fn add(&mut self, ids: &mut Ids, role: &str, line: usize) -> SignOffId {
        let id = SignOffId(ids.slug(role));
        self.list.push(SignOff { id: id.clone(), role: role.to_owned(), line, items: Vec::new() });
        id
    }
}

/// Sections that hold a line to sign: their tasks are what is signed for.
fn signed_scopes(outline: &Outline) -> Vec<bool> {
    let mut signed = vec![false; outline.scopes.len()];
    for block in outline.blocks.iter().filter(|b| b.task().is_none() && has_line(b.text())) {
        signed[outline.section(block.scope)] = true;
    }
    signed
}

fn has_line(text: &str) -> bool {
    text.contains("____") || text.contains("……") || text.contains("......") || text.contains("[signature]")
}

fn is_signoff(outline: &Outline, scope: usize) -> bool {
    const OTHER: Topics =
        SIGNOFF.and(PHASES).and(PREFLIGHT).and(VERIFY).and(ROLLBACK).and(COMMS).and(SUCCESS).and(CONTACTS);
    outline.nearest(scope, OTHER).is_some_and(|s| outline.scopes[s].topics.any(SIGNOFF))
}

/// The role that a line asks to sign.
fn signer(outline: &Outline, block: &Block, signed: &[bool]) -> Option<String> {
    if !matches!(block.kind, Kind::Paragraph | Kind::Item { .. }) {
        return None;
    }
    let spoken = is_signoff(outline, block.scope);
    let text = past_glyph(block.text());
    if has_line(text) {
        let role = role_of(text);
        let plain = fold(&role);
        let named = !role.is_empty()
            && !matches!(
                plain.as_str(),
                "date" | "name" | "signature" | "signed" | "comments" | "notes" | "datum" | "time"
            );
        return (named
            && (spoken
                || has_any(
                    &fold(text),
                    &["date", "signature", "signed", "sign", "datum", "fecha", "data"],
                )))
        .then_some(role);
    }
    let section = outline.section(block.scope);
    if !spoken
        || signed[section]
        || !block.is_item()
        || outline.has_children(block)
        || outline.scopes[block.scope].kind == ScopeKind::Item
    {
        return None;
    }
    let role = role_of(text);
    is_role(&role).then_some(role)
}

/// The words before the line to sign on, or before a colon or dash.
fn role_of(text: &str) -> String {
    let end = words! {
        ": " ":" " - " " – " " — " "__" "..." " (" " |" " @" "："
    }
    .iter()
    .filter_map(|mark| text.find(mark))
    .min()
    .unwrap_or(text.len());
    let role = text[..end].trim().trim_end_matches(':').trim();
    let lower = role.to_lowercase();
    let tails = words! {
        " sign-off" " signoff" " sign off" " approval" " approves" " approved" " signature"
        " signed off" " has approved" " has signed off" " signs off"
    };
    let cut = tails
        .iter()
        .find_map(|tail| lower.strip_suffix(tail).map(str::len))
        .filter(|_| lower.len() == role.len());
    let role = cut.map_or(role, |cut| &role[..cut]);
    let heads =
        ["approved by ", "sign-off by ", "sign-off from ", "approval from ", "signed by ", "sign-off: "];
    let head = heads.iter().find(|head| role.to_lowercase().starts_with(**head)).map_or(0, |head| head.len());
    role.get(head..).unwrap_or(role).trim().to_owned()
}

/// Whether a text names a person or a team.
fn is_role(text: &str) -> bool {
    const ROLES: &[&str] = words! {
        "eng" "lead" "owner" "manager" "director" "head" "officer" "vp" "cto" "ceo" "coo" "cfo" "ciso" "cpo"
        "cio" "engineering" "product" "operations" "ops" "security" "legal" "support" "marketing" "sre"
        "devops" "qa" "dba" "team" "engineer" "architect" "commander" "compliance" "finance"
        "stakeholder" "stakeholders" "leadership" "executive" "business" "data" "platform" "sponsor"
        "release" "leiter" "leitung" "verantwortlicher" "responsable" "responsável" "gerente" "diretor"
        "director" "líder" "chef" "jefe" "produkt" "betrieb" "sicherheit" "produto" "producto"
        "segurança" "seguridad" "責任者" "部長" "マネージャー" "リーダー" "负责人" "经理" "总监" "팀장" "책임자" "design"
        "privacy" "on call" "infrastructure" "backend" "frontend" "mobile" "principal" "analyst"
        "coordinator" "administrator" "customer" "sales" "risk" "technical"
    };
    let folded = fold(text);
    let count = folded.split(' ').count();
    (has_any(&folded, ROLES) || ROLES.iter().any(|r| !r.is_ascii() && folded.contains(r))) && count <= 5
}

fn rows_signed(outline: &Outline, table: &Table, ids: &mut Ids, out: &mut SignOffs) {
    const SIGNED: &[&str] = words! {
        "signature" "sign off" "signoff" "signed" "approved" "approval" "date" "status" "unterschrift"
        "firma" "assinatura" "署名" "承認" "签字" "서명" "go no go" "decision"
    };
    let spoken = is_signoff(outline, table.header.scope);
    let signature = table
        .column(words! {
            "signature" "sign off" "signoff" "signed off" "unterschrift" "assinatura" "署名" "签字" "서명"
        })
        .is_some();
    let role = table.column(words! {
        "role" "approver" "team" "function" "stakeholder" "title" "department" "area" "rolle" "rôle"
        "rol" "papel" "cargo" "name" "役割" "角色" "역할" "who" "owner"
    });
    if !(spoken && table.column(SIGNED).is_some() || signature && role.is_some()) {
        return;
    }
    let role = role.or(Some(0));
    for (block, cells) in &table.rows {
        if let Some(text) = cell(cells, role) {
            let id = out.add(ids, text, block.line);
            out.lines.insert(block.line, id);
        }
    }
}
