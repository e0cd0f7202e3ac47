//! The words around a way back: whether a title says how to go back, or when; what gives a way back away.

/// First words of a title that asks when to go back: "Quand déclencher un rollback ?".
pub(crate) const ASKS_WHEN: &[&str] = words! {
    "when" "conditions" "criteria" "scenarios" "situations" "reasons" "triggers" "wann" "bedingungen"
    "kriterien" "quand" "critères" "cuándo" "cuando" "condiciones" "criterios" "quando" "condições"
    "critérios" "cenários" "escenarios" "gatilhos"
};

/// Last words of such a title: "Auto-rollback conditions".
pub(crate) const ENDS_IN_WHEN: &[&str] = words! {
    "condition" "conditions" "criterion" "criteria" "trigger" "triggers" "threshold" "thresholds"
    "signals" "indicators" "matrix" "kriterien" "bedingungen" "auslöser"
};

/// Phrases of such a title wherever they stand.
pub(crate) const CALLS_FOR: &[&str] = words! {
    "requiring" "require" "requires" "is triggered" "are triggered" "that trigger" "triggered if"
    "triggered when" "acionam" "déclenchent" "auslösen" "calls for" "call for" "if any of" "when any of"
};

/// What is made to be gone back to: "Rollback snapshot".
pub(crate) const SAVED: &[&str] =
    words! { "snapshot" "snapshots" "instantánea" "instantáneo" "momentaufnahme" "スナップショット" };

/// Unless the title says that it is gone back to.
pub(crate) const BROUGHT_BACK: &[&str] = words! { "restore" "restoring" "from" "to" "via" "restaurar" "desde" "restaurer" "depuis" "wiederherstellen" "aus" "using" };

/// Titles of a document about a way back that say when to take it.
pub(crate) const USED_WHEN: &[&str] = words! {
    "when to use" "when to run" "when to execute" "when to apply" "use this" "execute this" "run this"
    "activation" "escenarios de activación" "cuándo usar" "quando usar" "quand utiliser" "wann anwenden"
};

/// How a title begins that says when not to go back.
pub(crate) const DO_NOT: &[&str] =
    words! { "do not" "dont" "not a reason" "nicht" "ne pas" "não" "no hacer" "never" };

/// First words of a section whose commands only look.
pub(crate) const CHECKS: &[&str] = words! {
    "check" "verify" "look" "view" "inspect" "watch" "monitor" "diagnose" "diagnosis" "debug" "show" "list"
    "status" "prüfen" "vérifier" "verificar" "comprobar" "diagnóstico" "diagnostic"
};

/// Whether a command undoes a change by what it says.
pub(crate) fn goes_back(command: &str) -> bool {
    const WORDS: &[&str] =
        words! { "rollback" "roll back" "rollout undo" "git revert" "undo-rollout" "downgrade" };
    let lower = command.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}
