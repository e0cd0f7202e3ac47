//! The words of limits in every language: comparisons, spans of time, what a metric is called.

use std::sync::LazyLock;

use crate::plan::Cmp;
use crate::plan::words::Parts;

/// Signs right before a number, the longest first.
pub(crate) const SIGNS: &[(&str, Cmp)] = &[
    ("<=", Cmp::AtMost),
    (">=", Cmp::AtLeast),
    ("==", Cmp::Equal),
    ("≤", Cmp::AtMost),
    ("≥", Cmp::AtLeast),
    ("⩽", Cmp::AtMost),
    ("⩾", Cmp::AtLeast),
    ("≦", Cmp::AtMost),
    ("≧", Cmp::AtLeast),
    ("<", Cmp::Less),
    (">", Cmp::More),
    ("＜", Cmp::Less),
    ("＞", Cmp::More),
    ("=", Cmp::Equal),
    ("≈", Cmp::Equal),
];

/// Words right before a number; a phrase inside a longer one comes after it.
pub(crate) const BEFORE: &[(&str, Cmp)] = &[
    ("no more than", Cmp::AtMost),
    ("not more than", Cmp::AtMost),
    ("never more than", Cmp::AtMost),
    ("no greater than", Cmp::AtMost),
    ("no higher than", Cmp::AtMost),
    ("no longer than", Cmp::AtMost),
    ("not exceed", Cmp::AtMost),
    ("not exceeding", Cmp::AtMost),
    ("never exceed", Cmp::AtMost),
    ("never exceeds", Cmp::AtMost),
    ("at most", Cmp::AtMost),
    ("at or below", Cmp::AtMost),
    ("at or under", Cmp::AtMost),
    ("less than or equal to", Cmp::AtMost),
    ("up to", Cmp::AtMost),
    ("maximum of", Cmp::AtMost),
    ("maximum", Cmp::AtMost),
    ("max", Cmp::AtMost),
    ("capped at", Cmp::AtMost),
    ("no less than", Cmp::AtLeast),
    ("not less than", Cmp::AtLeast),
    ("no lower than", Cmp::AtLeast),
    ("no fewer than", Cmp::AtLeast),
    ("at least", Cmp::AtLeast),
    ("at or above", Cmp::AtLeast),
    ("at or over", Cmp::AtLeast),
    ("greater than or equal to", Cmp::AtLeast),
    ("minimum of", Cmp::AtLeast),
    ("minimum", Cmp::AtLeast),
    ("min", Cmp::AtLeast),
    ("less than", Cmp::Less),
    ("lower than", Cmp::Less),
    ("fewer than", Cmp::Less),
    ("smaller than", Cmp::Less),
    ("shorter than", Cmp::Less),
    ("below", Cmp::Less),
    ("under", Cmp::Less),
    ("beneath", Cmp::Less),
    ("more than", Cmp::More),
    ("greater than", Cmp::More),
    ("higher than", Cmp::More),
    ("larger than", Cmp::More),
    ("longer than", Cmp::More),
    ("in excess of", Cmp::More),
    ("above", Cmp::More),
    ("over", Cmp::More),
    ("beyond", Cmp::More),
    ("past", Cmp::More),
    ("exceeds", Cmp::More),
    ("exceed", Cmp::More),
    ("exceeding", Cmp::More),
    ("exceeded", Cmp::More),
    ("equal to", Cmp::Equal),
    ("equals", Cmp::Equal),
    ("exactly", Cmp::Equal),
    ("zwischen", Cmp::Between),
    ("between", Cmp::Between),
    ("entre", Cmp::Between),
    ("within", Cmp::Between),
    ("nicht über", Cmp::AtMost),
    ("nicht mehr als", Cmp::AtMost),
    ("höchstens", Cmp::AtMost),
    ("maximal", Cmp::AtMost),
    ("nicht unter", Cmp::AtLeast),
    ("mindestens", Cmp::AtLeast),
    ("minimal", Cmp::AtLeast),
    ("weniger als", Cmp::Less),
    ("kleiner als", Cmp::Less),
    ("niedriger als", Cmp::Less),
    ("unter", Cmp::Less),
    ("unterschreitet", Cmp::Less),
    ("unterhalb von", Cmp::Less),
    ("mehr als", Cmp::More),
    ("größer als", Cmp::More),
    ("höher als", Cmp::More),
    ("länger als", Cmp::More),
    ("über", Cmp::More),
    ("oberhalb von", Cmp::More),
    ("übersteigt", Cmp::More),
    ("überschreitet", Cmp::More),
    ("inférieur ou égal à", Cmp::AtMost),
    ("inférieure ou égale à", Cmp::AtMost),
    ("pas plus de", Cmp::AtMost),
    ("au plus", Cmp::AtMost),
    ("au maximum", Cmp::AtMost),
    ("supérieur ou égal à", Cmp::AtLeast),
    ("supérieure ou égale à", Cmp::AtLeast),
    ("au moins", Cmp::AtLeast),
    ("au minimum", Cmp::AtLeast),
    ("moins de", Cmp::Less),
    ("inférieur à", Cmp::Less),
    ("inférieure à", Cmp::Less),
    ("en dessous de", Cmp::Less),
    ("sous", Cmp::Less),
    ("plus de", Cmp::More),
    ("supérieur à", Cmp::More),
    ("supérieure à", Cmp::More),
    ("au dessus de", Cmp::More),
    ("au-dessus de", Cmp::More),
    ("dépasse", Cmp::More),
    ("no más de", Cmp::AtMost),
    ("como máximo", Cmp::AtMost),
    ("menor o igual a", Cmp::AtMost),
    ("máximo", Cmp::AtMost),
    ("al menos", Cmp::AtLeast),
    ("como mínimo", Cmp::AtLeast),
    ("mayor o igual a", Cmp::AtLeast),
    ("mínimo", Cmp::AtLeast),
    ("menos de", Cmp::Less),
    ("menor que", Cmp::Less),
    ("menor a", Cmp::Less),
    ("inferior al", Cmp::Less),
    ("por debajo de", Cmp::Less),
    ("debajo de", Cmp::Less),
    ("más de", Cmp::More),
    ("mayor que", Cmp::More),
    ("mayor a", Cmp::More),
    ("superior al", Cmp::More),
    ("por encima de", Cmp::More),
    ("encima de", Cmp::More),
    ("supera", Cmp::More),
    ("supera el", Cmp::More),
    ("excede", Cmp::More),
    ("não mais que", Cmp::AtMost),
    ("no máximo", Cmp::AtMost),
    ("menor ou igual a", Cmp::AtMost),
    ("pelo menos", Cmp::AtLeast),
    ("no mínimo", Cmp::AtLeast),
    ("maior ou igual a", Cmp::AtLeast),
    ("menos que", Cmp::Less),
    ("menor do que", Cmp::Less),
    ("inferior a", Cmp::Less),
    ("abaixo de", Cmp::Less),
    ("mais de", Cmp::More),
    ("mais que", Cmp::More),
    ("maior que", Cmp::More),
    ("maior do que", Cmp::More),
    ("superior a", Cmp::More),
    ("acima de", Cmp::More),
    ("ultrapassa", Cmp::More),
    ("ultrapassar", Cmp::More),
    ("exceder", Cmp::More),
];

/// Names of environments: no metric is called so.
pub(crate) const ENVIRONMENTS: &[&str] = words! {
    "production" "prod" "staging" "stage" "canary" "dev" "test" "qa" "preview" "sandbox" "produktion"
    "producción" "produção" "本番" "生产"
};

/// Counters of scripts without spaces: what stands between a number and its comparison.
pub(crate) const COUNTERS: &[&str] = words! {
    "倍" "배" "件" "人" "回" "個" "名" "台" "本" "社" "次" "个" "条" "笔" "家" "건" "명" "개" "회" "대"
};

/// Words right after a number and its unit.
pub(crate) const AFTER: &[(&str, Cmp)] = &[
    ("or more", Cmp::AtLeast),
    ("or higher", Cmp::AtLeast),
    ("or above", Cmp::AtLeast),
    ("or greater", Cmp::AtLeast),
    ("or better", Cmp::AtLeast),
    ("and above", Cmp::AtLeast),
    ("minimum", Cmp::AtLeast),
    ("or less", Cmp::AtMost),
    ("or lower", Cmp::AtMost),
    ("or below", Cmp::AtMost),
    ("or fewer", Cmp::AtMost),
    ("or faster", Cmp::AtMost),
    ("maximum", Cmp::AtMost),
    ("max", Cmp::AtMost),
    ("oder mehr", Cmp::AtLeast),
    ("oder höher", Cmp::AtLeast),
    ("oder weniger", Cmp::AtMost),
    ("ou plus", Cmp::AtLeast),
    ("ou moins", Cmp::AtMost),
    ("o más", Cmp::AtLeast),
    ("o menos", Cmp::AtMost),
    ("ou mais", Cmp::AtLeast),
    ("ou menos", Cmp::AtMost),
];

/// The same in scripts without spaces: glued behind the number.
pub(crate) const WIDE_AFTER: &[(&str, Cmp)] = &[
    ("以上", Cmp::AtLeast),
    ("以下", Cmp::AtMost),
    ("以内", Cmp::AtMost),
    ("未満", Cmp::Less),
    ("を下回", Cmp::Less),
    ("를 초과", Cmp::More),
    ("을 초과", Cmp::More),
    ("를 넘", Cmp::More),
    ("을 넘", Cmp::More),
    ("를 밑돌", Cmp::Less),
    ("を切", Cmp::Less),
    ("超過", Cmp::More),
    ("超え", Cmp::More),
    ("を超", Cmp::More),
    ("を上回", Cmp::More),
    ("超", Cmp::More),
    ("이상", Cmp::AtLeast),
    ("이하", Cmp::AtMost),
    ("이내", Cmp::AtMost),
    ("미만", Cmp::Less),
    ("초과", Cmp::More),
];

/// Glued before the number.
pub(crate) const WIDE_BEFORE: &[(&str, Cmp)] = &[
    ("不超过", Cmp::AtMost),
    ("不高于", Cmp::AtMost),
    ("不大于", Cmp::AtMost),
    ("小于等于", Cmp::AtMost),
    ("不低于", Cmp::AtLeast),
    ("不少于", Cmp::AtLeast),
    ("大于等于", Cmp::AtLeast),
    ("至少", Cmp::AtLeast),
    ("低于", Cmp::Less),
    ("小于", Cmp::Less),
    ("少于", Cmp::Less),
    ("高于", Cmp::More),
    ("大于", Cmp::More),
    ("超过", Cmp::More),
    ("达到", Cmp::AtLeast),
];

/// Words before a span that say how long a breach lasts.
pub(crate) const HOLD: &[&str] = words! {
    "for" "sustained for" "sustained over" "sustained" "lasting" "continuously for" "persists for"
    "persisting for" "für" "pendant" "durante" "por" "seit" "during"
};

/// Words before a span that say over what is measured.
pub(crate) const OVER: &[&str] = words! {
    "over" "averaged over" "across" "in" "within" "innerhalb von" "über" "en" "em" "dans" "binnen"
    "last" "first" "past" "rolling" "@" "measured over" "per" "im" "in den ersten" "sur" "dentro de"
};

/// Words that may stand between those and the span.
pub(crate) const SPAN_FILL: &[&str] = words! {
    "more than" "at least" "longer than" "over" "greater than" "up to" "a" "an" "any" "the" "the first"
    "the last" "first" "last" "past" "the past" "a rolling" "rolling" "about" "approximately"
    "mehr als" "mindestens" "mais de" "más de" "plus de" "pelo menos" "al menos" "au moins"
    "länger als" "each" "one" "eine" "einem" "einer" "den letzten" "der ersten" "uma janela de"
    "una ventana de" "os primeiros" "los primeros" "les premières"
};

/// What introduces several conditions at once.
pub(crate) static ANY_OF: LazyLock<Parts> = LazyLock::new(|| {
    Parts::new(words! {
        "any of" "one of" "one or more" "following" "these" "either" "all of" "if any" "when any" "eine der" "folgende"
        "suivant" "siguiente" "seguinte" "いずれか" "以下" "任一" "다음"
    })
});

/// Labels beside a condition that say how long it must last.
pub(crate) const HELD: &[&str] =
    words! { "duration" "for" "sustained" "sustained for" "hold" "dauer" "durée" "duración" "duração" };

/// Words behind a number that are no part of a metric's name.
pub(crate) const SPANS_OF: &[&str] = words! { "overall" "total" "average" "avg" "mean" "median" "rolling" "monthly" "weekly" "daily" "quarterly" };

/// What stands behind a limit and only says that it is asked for: "< 1% required".
pub(crate) const FILLERS: &[&str] = words! {
    "required" "needed" "expected" "target" "max" "maximum" "min" "minimum" "allowed" "tolerated" "acceptable"
    "accepted" "mandatory" "erforderlich" "requis" "requerido" "exigido" "obligatorio"
};

/// What stands behind a metric's name and is no part of it: "Error rate check: < 1%".
pub(crate) const DECORATIONS: &[&str] = words! {
    " check" " must be" " should be" " must stay" " must remain" " should stay" " stays" " remains"
    " should improve" " should not drop" " should occur in" " should occur" " should remain" " should hold" " stable and low" " stable" " is at" " required" " muss" " doit être" " debe ser" " deve ser"
};

/// Verbs before a limit that say no more than that it is aimed at: "Achieve ≥70% test coverage".
pub(crate) const STRIVES: &[&str] = words! {
    "achieve" "maintain" "keep" "reach" "ensure" "have" "hit" "sustain" "get" "confirm" "verify" "erreichen"
    "atteindre" "alcanzar" "atingir" "manter" "mantener"
};

/// What is told beside a limit and is none: "(baseline: 0.8%)".
pub(crate) const TOLD: &[&str] = words! {
    "baseline" "current" "currently" "was" "today" "previously" "now" "aktuell" "actuel" "actual" "atual"
};

/// What a phase is given of time: "Hold time: minimum 3 business days".
pub(crate) const SOAKS: &[&str] = words! {
    "hold time" "hold" "soak" "soak time" "soak period" "bake" "bake time" "bake period" "wait" "wait time" "dwell time"
    "observation period" "monitoring period" "minimum duration" "wartezeit" "beobachtungszeit" "durée d observation"
};

/// Words of what is done at a share of the users: "rehearsal at <= 5%".
pub(crate) const AT_SHARE: &[&str] =
    words! { "rehearsal" "drill" "promotion" "promote" "rehearse" "dry run" };

/// What a change is measured against: "> baseline + 2%", "exceeds SLO by 50%".
pub(crate) const BASES: &[&str] = words! {
    "each other" "one another"
    "the baseline" "baseline" "baseline high" "the slo" "slo" "the control" "control" "normal" "the target" "average"
    "the average" "previous" "basislinie" "ligne de base" "línea base" "linha de base"
};

/// Words that mark a span as the window of a measurement.
pub(crate) const WINDOW: &[&str] = words! {
    "rolling" "window" "moving" "average" "avg" "mean" "period" "fenster" "ventana" "janela" "fenêtre"
    "interval" "sliding"
};

/// Parts of words that only metrics have.
pub(crate) static METRIC: LazyLock<Parts> = LazyLock::new(|| {
    Parts::new(words! {
        "rate" "ratio" "error" "latenc" "p50" "p75" "p90" "p95" "p99" "time" "duration" "success" "availab"
        "uptime" "usage" "utiliz" "utilis" "depth" "backlog" "lag" "queue" "throughput" "rps" "qps" "tps"
        "cpu" "memory" "disk" "connections" "failure" "failed" "failures" "timeout" "conversion" "churn"
        "bounce" "crash" "satisfaction" "csat" "nps" "score" "percent" "volume" "count" "retries" "retry"
        "replication" "drift" "hit" "miss" "tickets" "complaints" "coverage" "accuracy" "load" "requests"
        "response" "4xx" "5xx" "degradation" "drop" "increase" "decrease" "loss" "cost" "spend" "revenue"
        "fehlerrate" "fehlerquote" "latenz" "antwortzeit" "verfügbarkeit" "auslastung" "quote" "anzahl"
        "taux" "erreur" "temps" "latence" "disponibilité" "tasa" "tiempo" "latencia" "disponibilidad" "uso"
        "taxa" "erro" "tempo" "latência" "disponibilidade" "エラー" "率" "レイテンシ" "応答" "時間" "使用" "延迟" "错误" "成功"
        "可用" "오류" "에러" "실패" "지연" "응답" "가용" "失败" "degrada" "downtime" "burn" "messages" "pending" "stale" "age" "threads" "sessions" "signups" "orders"
        "abandon" "refund" "saturation" "apdex" "duplicate" "mismatch" "discrepan" "exceptions" "alerts"
        "incidents" "restarts" "evictions" "deadlock" "slow" "adoption" "engagement" "retention" "delivery"
        "backpressure" "jitter"
    })
});

/// What is bad when it grows.
pub(crate) static BAD: LazyLock<Parts> = LazyLock::new(|| {
    Parts::new(words! {
        "error" "fail" "latenc" "time" "duration" "lag" "backlog" "depth" "timeout" "churn" "crash" "loss"
        "degradation" "complaint" "tickets" "duplicate" "mismatch" "discrepan" "cpu" "memory" "disk"
        "usage" "utiliz" "utilis" "p95" "p99" "p50" "5xx" "4xx" "exception" "restart" "drop" "abandon"
        "fehler" "latenz" "antwortzeit" "auslastung" "erreur" "latence" "erro" "tempo" "tiempo" "エラー" "遅延"
        "レイテンシ" "应答时间" "错误" "延迟" "失败" "오류" "에러" "실패" "지연" "downtime" "degrada" "drift" "stale" "queue" "saturation" "deadlock" "bounce"
        "refund" "retries" "incident" "connections"
    })
});

/// What is good when it grows.
pub(crate) static GOOD: LazyLock<Parts> = LazyLock::new(|| {
    Parts::new(words! {
        "success" "availab" "uptime" "conversion" "hit rate" "hit ratio" "accuracy" "coverage" "throughput"
        "satisfaction" "csat" "nps" "delivery rate" "completion" "verfügbarkeit" "erfolg" "disponib"
        "succès" "réussite" "éxito" "sucesso" "成功" "可用" "稼働" "가용" "성공" "adoption" "retention" "engagement"
        "crash free" "crash-free" "error-free" "error free" "apdex" "pass rate" "error budget" "budget remaining"
    })
});

/// Words at the end of what stands before a comparison that are no part of the metric's name.
pub(crate) const TRAILING: &[&str] = words! {
    "should" "must" "be" "is" "are" "was" "stays" "stay" "staying" "remains" "remain" "remaining"
    "kept" "keeps" "keep" "goes" "go" "going" "rises" "rise" "rising" "drops" "drop" "dropping" "falls"
    "fall" "falling" "dips" "dip" "climbs" "spikes" "spike" "spikes to" "at" "has" "have" "to" "the"
    "a" "an" "will" "shall" "back" "needs" "not" "never" "does" "do" "did" "target" "reaches" "reach" "hits"
    "increases" "increase" "decreases" "decrease" "by" "consistently" "of" "that" "which" "grows"
    "holds" "hold" "sits" "maintained" "within" "value" "currently" "soll" "muss" "ist" "sind" "bleibt"
    "steigt" "fällt" "sinkt" "liegt" "doit" "être" "est" "reste" "dépasse" "tombe" "debe" "ser" "está"
    "es" "permanece" "cae" "deve" "é" "fica" "cai" "sobe" "estar" "estiver" "for" "werden" "de" "do"
    "da" "des" "du" "von" "que" "beträgt" "baja" "sube" "se" "mantiene" "mantém" "passe" "に" "が" "は"
    "の" "を" "이" "가" "은" "는" "が、" "δ"
};

/// Of those, verbs that are nouns before a sign.
pub(crate) const MOVES: &[&str] = words! {
    "drops" "drop" "falls" "fall" "dips" "dip" "spikes" "spike" "reaches" "reach" "hits" "increases"
    "increase" "decreases" "decrease" "holds" "hold" "target" "value" "rise" "rises"
};

/// Words at the start that are no part of the metric's name.
pub(crate) const LEADING: &[&str] = words! {
    "if" "when" "whenever" "any" "the" "a" "an" "ensure" "verify" "confirm" "check" "maintain" "keep"
    "monitor" "watch" "alert" "page" "trigger" "that" "should" "must" "on" "where" "while" "once"
    "until" "and" "or" "but" "for" "rollback" "revert" "roll" "back" "abort" "pause" "halt" "stop"
    "overall" "our" "all" "target" "expect" "expected" "proceed" "only" "wenn" "falls" "si" "se"
    "quando" "cuando" "lorsque" "sobald" "die" "der" "das" "le" "la" "el" "o" "immediately" "warn"
    "notify" "sustained" "validate" "hold" "automatically" "auto" "with" "continue" "promote" "advance"
    "see" "observe" "track" "review" "to" "of" "in" "immediate" "l" "los" "las" "les" "a"
};

/// Words that call for a way back.
pub(crate) static BACK: LazyLock<Parts> = LazyLock::new(|| {
    Parts::new(words! {
        "rollback" "roll back" "rolled back" "rolling back" "revert" "abort" "back out" "kill switch"
        "disable the flag" "turn off the flag" "zurückrollen" "reverter" "revertir" "reversión"
        "rollback immediato" "retour arrière" "ロールバック" "切り戻" "回滚" "롤백"
    })
});
