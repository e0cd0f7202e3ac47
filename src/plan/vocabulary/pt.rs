//! Portuguese.

use super::Row;
use crate::plan::topic::*;

/// The table.
pub(super) const ROWS: &[Row] = &[
    (
        PHASES,
        "fases, fases do rollout, fases de implantação, fases da implantação, etapas, etapas do rollout, plano de implantação, \
        plano de rollout, estratégia de rollout, estratégia de implantação, estratégia de implementação, cronograma, \
        plano de lançamento, plano de migração, rollout gradual, implantação gradual, fases do lançamento, ondas, plano de deploy",
    ),
    (
        PREFLIGHT,
        "antes da migração, antes da virada, pré requisitos, pré requisito, prerequisitos, preparação, antes do deploy, antes do lançamento, antes do rollout, \
        antes da implantação, pré deploy, pré lançamento, pré implantação, pré rollout, pré produção, checklist pré deploy, \
        checklist pré lançamento, prontidão",
    ),
    (
        VERIFY,
        "verificação, verificações, validação, validações, testes de fumaça, testes, smoke tests, checagens, \
        verificação pós deploy, validação pós deploy, verificação pós implantação, validação pós implantação",
    ),
    (
        AFTER,
        "após a migração, depois do deploy, depois da migração, pós lançamento, pós deploy, pós rollout, pós implantação, após o lançamento, após o deploy, após o rollout, \
        após a implantação, acompanhamento, próximos passos, limpeza, retrospectiva, tarefas pós lançamento",
    ),
    (
        RECURRING,
        "diário, diária, diariamente, diárias, semanal, semanais, semanalmente, mensal, mensais, mensalmente, manutenção, \
        tarefas recorrentes, rotina",
    ),
    (
        ROLLBACK,
        "plano de rollback, procedimento de rollback, procedimentos de rollback, reversão, plano de reversão, \
        procedimento de reversão, plano de contingência, retorno, restauração, desfazer, como reverter",
    ),
    (
        TRIGGER,
        "critérios de rollback, gatilhos, gatilho, gatilhos de rollback, gatilhos para rollback, condições de rollback, \
        critérios de reversão, critérios para rollback, quando reverter, quando fazer rollback, critérios de aborto, \
        condições de parada, critérios de parada",
    ),
    (
        SUCCESS,
        "critérios de sucesso, métricas de sucesso, indicadores de sucesso, critérios de aceite, critérios de aceitação, \
        critérios de saída, metas, critérios de avanço, critérios para avançar",
    ),
    (
        MONITOR,
        "monitoramento, monitorização, métricas, indicadores, métricas chave, métricas principais, limiares, limites, painéis, \
        observabilidade, acompanhamento de métricas",
    ),
    (ALERT, "alertas, alerta, limiares de alerta, regras de alerta, alarmes, limites de alerta"),
    (
        FLAGS,
        "feature flags, flags, chaves de funcionalidade, bandeiras, sinalizadores, flags de funcionalidade",
    ),
    (
        CONTACTS,
        "contatos, contato, contactos, contatos de emergência, responsáveis, papéis, plantão, escalonamento, equipe, \
        papéis e responsabilidades, matriz de escalonamento",
    ),
    (SIGNOFF, "aprovação, aprovações, assinaturas, assinatura, autorização, aprovadores"),
    (COMMS, "comunicação, comunicações, plano de comunicação, avisos, anúncios, notificações"),
    (TEMPLATE, "modelo, modelos, modelos de mensagem, modelo de mensagem"),
    (RISK, "risco, riscos, avaliação de riscos, registro de riscos, matriz de riscos, riscos e mitigações"),
    (INCIDENT, "incidente, incidentes, resposta a incidentes, gestão de incidentes, emergência"),
    (ENDPOINT, "pontos de verificação, endpoints de saúde, verificações de saúde"),
    (
        DEPLOY,
        "passos de implantação, passos do deploy, procedimento de deploy, procedimento de implantação, comandos, instalação",
    ),
    (
        DURING,
        "durante a migração, durante o deploy, durante a implantação, durante o rollout, durante o lançamento, dia do lançamento, \
        no dia do lançamento, durante a virada",
    ),
    (
        REFERENCE,
        "exemplo, exemplos, sumário, índice, referências, links, anexo, anexos, documentação, glossário",
    ),
    (
        ESTIMATE,
        "carga esperada, capacidade, estimativa, estimativas, testes de carga, teste de carga, backups, métricas atuais, valores atuais, estado atual",
    ),
    (SEVERITY, "níveis de severidade, severidade, gravidade, prioridades"),
    (BRIEF, "objetivo, objetivos, resumo, contexto, introdução, escopo, visão geral, finalidade"),
    (GATE, "ponto de decisão, decisão go no go, portão de decisão"),
    (CHECKLIST, "lista de verificação, tarefas, lista de tarefas"),
];
