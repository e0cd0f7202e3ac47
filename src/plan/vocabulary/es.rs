//! Spanish.

use super::Row;
use crate::plan::topic::*;

/// The table.
pub(super) const ROWS: &[Row] = &[
    (
        PHASES,
        "fases, fases del despliegue, fases de despliegue, etapas, plan de despliegue, estrategia de despliegue, cronograma, \
        calendario, plan de lanzamiento, plan de migración, despliegue gradual, pasos del despliegue, fases de lanzamiento, oleadas",
    ),
    (
        PREFLIGHT,
        "requisitos previos, prerrequisitos, preparación, preparativos, antes del despliegue, antes del lanzamiento, \
        previo al despliegue, pre despliegue, predespliegue, pre lanzamiento, prelanzamiento, lista previa, antes de empezar, antes de la migración, antes de la puesta en producción",
    ),
    (
        VERIFY,
        "verificación, verificaciones, validación, pruebas de humo, comprobación, comprobaciones, pruebas, \
        verificación posterior, validación posterior",
    ),
    (
        AFTER,
        "después de la migración, tras el despliegue, tras la migración, después del despliegue, después del lanzamiento, post despliegue, posdespliegue, post lanzamiento, poslanzamiento, \
        seguimiento, próximos pasos, limpieza, retrospectiva, tareas posteriores",
    ),
    (
        RECURRING,
        "diario, diaria, diariamente, semanal, semanalmente, mensual, mensualmente, mantenimiento, tareas recurrentes",
    ),
    (
        ROLLBACK,
        "reversión, plan de reversión, procedimiento de reversión, procedimientos de reversión, marcha atrás, vuelta atrás, \
        plan de vuelta atrás, restauración, plan de contingencia, retroceso, plan de rollback",
    ),
    (
        TRIGGER,
        "criterios de reversión, condiciones de reversión, disparadores, desencadenantes, criterios de aborto, \
        criterios de rollback, condiciones de rollback, condiciones de parada, disparadores de rollback",
    ),
    (
        SUCCESS,
        "criterios de éxito, métricas de éxito, criterios de aceptación, indicadores de éxito, criterios de salida, objetivos \
        medibles, criterios de avance",
    ),
    (
        MONITOR,
        "monitoreo, monitorización, métricas, indicadores, métricas clave, supervisión, umbrales, paneles, observabilidad",
    ),
    (ALERT, "alertas, alerta, umbrales de alerta, reglas de alerta, alarmas"),
    (
        FLAGS,
        "banderas, banderas de funciones, interruptores, indicadores de funcionalidad, banderas de características, feature flags",
    ),
    (
        CONTACTS,
        "contactos, contactos de emergencia, responsables, roles, guardia, escalamiento, equipo, escalada",
    ),
    (SIGNOFF, "aprobación, aprobaciones, firmas, firma, visto bueno, autorización"),
    (COMMS, "comunicación, comunicaciones, plan de comunicación, avisos, anuncios, notificaciones"),
    (TEMPLATE, "plantilla, plantillas, plantillas de mensajes"),
    (RISK, "riesgo, riesgos, evaluación de riesgos, registro de riesgos, análisis de riesgos"),
    (INCIDENT, "incidente, incidentes, respuesta a incidentes, gestión de incidentes, emergencia"),
    (ENDPOINT, "puntos de salud, puntos de acceso, endpoints de salud, comprobaciones de salud"),
    (DEPLOY, "pasos de implementación, procedimiento de despliegue, comandos, instalación, implantación"),
    (
        DURING,
        "durante el despliegue, durante la migración, durante el lanzamiento, durante el corte, día del lanzamiento, \
        el día del lanzamiento, durante la puesta en producción",
    ),
    (REFERENCE, "ejemplo, ejemplos, índice, referencias, enlaces, anexo, anexos, documentación, glosario"),
    (
        ESTIMATE,
        "carga esperada, capacidad, estimación, estimaciones, pruebas de carga, respaldo, copias de seguridad, métricas actuales, valores actuales, estado actual",
    ),
    (SEVERITY, "niveles de severidad, severidad, gravedad, prioridades"),
    (
        BRIEF,
        "objetivo, objetivos, resumen, contexto, introducción, alcance, antecedentes, descripción general",
    ),
    (GATE, "punto de decisión, decisión go no go, puerta de decisión"),
    (CHECKLIST, "lista de verificación, lista de comprobación, tareas"),
];
