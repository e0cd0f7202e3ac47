//! The words around a phase: what is only said of one, and names that a phase has without a number.

/// Last words of a title that speaks of a phase and is none: "Phase 2 Configuration".
pub(crate) const OF_A_PHASE: &[&str] = words! {
    "configuration" "config" "settings" "criteria" "checklist" "checklists" "procedure" "procedures"
    "metrics" "results" "notes" "goals" "objectives" "deliverables" "details" "summary" "status" "report"
    "review" "retro" "retrospective" "approval" "commands" "triggers" "gate" "gates" "risks" "monitoring"
    "requirements" "prerequisites" "dependencies" "rollback" "complete" "completed" "fails" "failed"
    "failure" "tasks" "flags" "thresholds" "alerts" "communication" "owners" "team" "budget" "estimate"
    "readiness" "sign-off" "signoff" "verification" "konfiguration" "einstellungen" "kriterien"
    "erfolgskriterien" "abbruchkriterien" "checkliste" "ergebnisse" "aufgaben" "freigabe" "critères"
    "configuración" "criterios" "resultados" "configuração" "critérios" "tarefas" "tareas" "tâches"
};
