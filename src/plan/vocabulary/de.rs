//! German.

use super::Row;
use crate::plan::topic::*;

/// The table.
pub(super) const ROWS: &[Row] = &[
    (
        PHASES,
        "phasen, durchführung, rolloutplan, rollout phasen, einführungsplan, einführungsphasen, ablauf, ablaufplan, zeitplan, \
        rollout strategie, rollout schritte, stufenplan, etappen, bereitstellungsplan, bereitstellungsphasen, umstellung, \
        umstellungsplan, wellen, ausrollplan, stufen, rollout stufen",
    ),
    (
        PREFLIGHT,
        "vorbereitung, vorbereitungen, voraussetzung*, vor dem start, vor dem rollout, vor dem go live, \
        vor der umstellung, vor dem deployment, vorabprüfung*, vorab*, bereitschaft*, startbereitschaft, vorprüfung*",
    ),
    (
        VERIFY,
        "prüfung, prüfungen, überprüfung*, verifikation, verifizierung, validierung, abnahme, abnahmetest*, funktionstest*, \
        rauchtest*, nachprüfung, kontrolle, kontrollen, nach dem deployment prüfen",
    ),
    (
        AFTER,
        "nach dem start, nach dem rollout, nach dem go live, nach der umstellung, nacharbeiten, nachbereitung, nachsorge, \
        nächste schritte, aufräumen, rückblick, retrospektive, folgeaufgaben, nachlauf, nachverfolgung",
    ),
    (
        RECURRING,
        "täglich*, wöchentlich*, monatlich*, wartung, wartungsplan, regelmäßig*, wiederkehrend*, laufender betrieb",
    ),
    (
        ROLLBACK,
        "bei abbruch, im falle eines abbruchs, rollback verfahren, rollback ablauf, rückfall*, rückabwicklung, rücknahme, zurückrollen, zurücksetzen, \
        rückkehr*, notfallplan, rollbackplan, rückbau, rückrollen, rückroll*, wiederherstellung, abbruchverfahren, notabschaltung",
    ),
    (
        TRIGGER,
        "abbruchkriterien, rollback kriterien, rollback auslöser, auslöser, abbruchbedingungen, rollback bedingungen, \
        rückfallkriterien, wann zurückrollen, stoppkriterien, abbruch*",
    ),
    (
        SUCCESS,
        "erfolgskriterien, erfolgskriterium, erfolgsmetriken, erfolgskennzahlen, abnahmekriterien, ziele und kennzahlen, \
        zielwerte, freigabekriterien, ausstiegskriterien, qualitätsziele, erfolgs*",
    ),
    (
        MONITOR,
        "überwachung, monitoring, kennzahlen, metriken, messwerte, beobachtung, schwellenwerte, schwellwerte, grenzwerte, \
        überwachungs*, leitplanken",
    ),
    (
        ALERT,
        "alarm*, alarme, alarmierung, alarmschwellen, warnschwellen, warnungen, benachrichtigungsschwellen, alarmregeln",
    ),
    (
        DURING,
        "während des rollouts, während der umstellung, während des deployments, während der einführung, tag der umstellung, \
        am tag der umstellung, umstellungstag, am umstellungstag, go live tag, während der migration, während des go live",
    ),
    (FLAGS, "funktionsschalter, schalter, feature schalter, feature flags, merkmalschalter"),
    (
        CONTACTS,
        "kontakt*, ansprechpartner*, notfallkontakte, bereitschaftsdienst, rufbereitschaft, zuständigkeiten, \
        verantwortliche, verantwortlichkeiten, rollen, eskalationsweg, eskalation*",
    ),
    (SIGNOFF, "freigabe, freigaben, abzeichnung, unterschrift*, genehmigung*, zustimmung, freizeichnung"),
    (COMMS, "kommunikation, kommunikationsplan, benachrichtigung*, ankündigung*, mitteilungen"),
    (TEMPLATE, "vorlage, vorlagen, textvorlage*, nachrichtenvorlage*, textbausteine"),
    (RISK, "risiko, risiken, risikobewertung, risikoanalyse, risikoregister, gefahren"),
    (
        INCIDENT,
        "störung, störungen, vorfall, vorfälle, störfall*, notfall, vorfallreaktion, störungsmanagement",
    ),
    (ENDPOINT, "endpunkt*, zustandsprüfung*, statusseiten, gesundheitsprüfung*"),
    (
        DEPLOY,
        "bereitstellung, deployment schritte, installation, auslieferung, befehle, bereitstellungsschritte",
    ),
    (
        REFERENCE,
        "beispiel, beispiele, inhalt, inhaltsverzeichnis, verweise, dokumentation, anhang, quellen, weiterführende links, glossar",
    ),
    (
        ESTIMATE,
        "erwartete last, kapazität*, schätzung*, aufwand, lasttest*, sicherung*, datensicherung, aktuelle werte, aktuelle metriken, ist zustand",
    ),
    (SEVERITY, "schweregrad*, prioritäten, prioritätsstufen, klassifizierung"),
    (
        BRIEF,
        "ziel, ziele, überblick, übersicht, zusammenfassung, hintergrund, einleitung, umfang, zweck, nicht ziele",
    ),
    (GATE, "go no go entscheidung, entscheidungspunkt*, freigabepunkt*, meilensteinprüfung"),
    (CHECKLIST, "checkliste, checklisten, aufgaben, prüfliste"),
];
