//! French.

use super::Row;
use crate::plan::topic::*;

/// The table.
pub(super) const ROWS: &[Row] = &[
    (
        PHASES,
        "étapes, étapes du déploiement, phases, phases de déploiement, plan de déploiement, stratégie de déploiement, \
        calendrier, déroulement, plan de lancement, plan de migration, déploiement progressif, bascule, vagues, chronologie, paliers",
    ),
    (
        PREFLIGHT,
        "prérequis, pré requis, préparation, préparatifs, avant le déploiement, avant le lancement, avant la bascule, \
        avant la mise en production, pré déploiement, vérifications préalables, avant la migration, préalables",
    ),
    (
        VERIFY,
        "vérification, vérifications, validation, tests de fumée, recette, contrôle, contrôles, \
        vérifications après déploiement, vérification après déploiement, vérifications post déploiement",
    ),
    (
        AFTER,
        "après la migration, après le déploiement, après le lancement, après la bascule, après la mise en production, post déploiement, \
        post lancement, suivi, prochaines étapes, nettoyage, bilan, rétrospective",
    ),
    (RECURRING, "quotidien*, hebdomadaire*, mensuel*, entretien, tâches récurrentes, maintenance régulière"),
    (
        ROLLBACK,
        "retour arrière, plan de retour arrière, procédure de retour arrière, procédures de retour arrière, \
        retour en arrière, plan de repli, repli, annulation, restauration, plan de secours, marche arrière",
    ),
    (
        TRIGGER,
        "critères de retour arrière, conditions de retour arrière, déclencheurs, déclencheurs de retour arrière, \
        critères d arrêt, conditions d arrêt, critères d abandon, déclencheur",
    ),
    (
        SUCCESS,
        "critères de succès, critères de réussite, critères d acceptation, indicateurs de succès, objectifs chiffrés, \
        critères de sortie, métriques de succès, critères de validation",
    ),
    (
        MONITOR,
        "surveillance, supervision, métriques, indicateurs, indicateurs clés, suivi des métriques, seuils, \
        tableaux de bord, observabilité, garde fous",
    ),
    (ALERT, "alertes, alerte, seuils d alerte, règles d alerte, alarmes"),
    (
        FLAGS,
        "drapeaux de fonctionnalité, drapeaux, indicateurs de fonctionnalité, bascules de fonctionnalités, feature flags",
    ),
    (
        CONTACTS,
        "contacts d urgence, astreinte, escalade, responsables, rôles, rôles et responsabilités, équipe, annuaire, \
        chaîne d escalade",
    ),
    (SIGNOFF, "approbation, approbations, signatures, signature, validation finale, accord, visa"),
    (COMMS, "communication, plan de communication, annonces, annonce, notifications"),
    (TEMPLATE, "modèle, modèles, modèles de message, gabarit, gabarits, message type, messages types"),
    (RISK, "risque, risques, analyse des risques, registre des risques, évaluation des risques"),
    (INCIDENT, "gestion des incidents, réponse aux incidents, gestion d incident, urgence"),
    (ENDPOINT, "points de terminaison, points de contrôle, sondes, endpoints de santé, contrôles de santé"),
    (
        DEPLOY,
        "étapes de déploiement technique, procédure de déploiement, commandes, installation, mise en production",
    ),
    (
        DURING,
        "pendant le déploiement, pendant la bascule, pendant la migration, pendant la mise en production, jour j, le jour j, \
        jour de la bascule, pendant le lancement",
    ),
    (
        REFERENCE,
        "exemple, exemples, sommaire, table des matières, références, liens, annexe, annexes, glossaire",
    ),
    (
        ESTIMATE,
        "charge attendue, capacité, estimation, estimations, tests de charge, sauvegarde, sauvegardes, métriques actuelles, valeurs actuelles, état actuel",
    ),
    (SEVERITY, "niveaux de gravité, gravité, sévérité, niveaux de sévérité, priorités"),
    (BRIEF, "objectif, objectifs, contexte, résumé, introduction, périmètre, aperçu, but"),
    (GATE, "go no go, point de décision, jalon de décision"),
    (CHECKLIST, "liste de contrôle, tâches, liste de vérification"),
];
