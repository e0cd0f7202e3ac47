//! Rules for clusters and containers: kubectl, helm, docker.

use super::rule::Weight::{Advises, Destroys, Surprises};
use super::rule::{Case, Rule, anywhere, say, way_back};
use super::shell::Simple;

const CONTEXTS: &str =
    "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/";
const STATUS: &str =
    "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status";
const HELM_ROLLBACK: &str = "https://helm.sh/docs/helm/helm_rollback/";
const COMPOSE_DOWN: &str = "https://docs.docker.com/reference/cli/docker/compose/down/";

pub(super) const RULES: &[Rule] = &[
    way_back(
        &["kubectl"],
        Surprises,
        |c| {
            let named = c.has(&["--context", "--kubeconfig", "--cluster", "--server", "-s"]);
            say(!named && !only_looks(c) && !chosen(c), "acts on whatever context is current")
        },
        "name the cluster: --context",
        CONTEXTS,
    ),
    way_back(
        &["helm"],
        Surprises,
        |c| {
            say(
                c.lacks(&["--kube-context", "--kubeconfig"]) && !chosen(c),
                "acts on whatever context is current",
            )
        },
        "name the cluster: --kube-context",
        "https://helm.sh/docs/helm/helm/",
    ),
    way_back(
        &["kubectl", "rollout", "undo"],
        Surprises,
        |c| {
            say(
                !c.followed_by(looks) && c.lacks(&["--dry-run"]),
                "returns before the old version runs again, and nothing waits for it",
            )
        },
        "follow it with kubectl rollout status",
        STATUS,
    ),
    way_back(
        &["helm", "rollback"],
        Surprises,
        |c| {
            let waits = c.has(&["--wait", "--atomic", "--dry-run"]) || c.followed_by(looks);
            say(!waits, "returns before the old version runs again, and nothing waits for it")
        },
        "add --wait, or follow it with kubectl rollout status",
        HELM_ROLLBACK,
    ),
    way_back(
        &["helm", "rollback"],
        Advises,
        |c| say(operands(c) < 3, "goes back one revision, whatever that was"),
        "name the revision of helm history",
        HELM_ROLLBACK,
    ),
    anywhere(
        &["kubectl", "delete", "namespace"],
        Destroys,
        |_| say(true, "deletes everything in the namespace"),
        "delete what this launch made, by name or label",
        "https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace",
    ),
    anywhere(
        &["kubectl", "delete", "ns"],
        Destroys,
        |_| say(true, "deletes everything in the namespace"),
        "delete what this launch made, by its name or its label",
        "https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace",
    ),
    anywhere(
        &["docker", "compose"],
        Destroys,
        drops_volumes,
        "leave -v out, or take a copy of the volumes first",
        COMPOSE_DOWN,
    ),
    anywhere(
        &["docker-compose"],
        Destroys,
        drops_volumes,
        "leave -v out; or take a copy of the volumes first",
        COMPOSE_DOWN,
    ),
    way_back(
        &["docker", "system", "prune"],
        Surprises,
        |c| say(!c.short('f') && c.lacks(&["--force"]), "asks before it does anything"),
        "add --force",
        "https://docs.docker.com/reference/cli/docker/system/prune/",
    ),
];

/// Whether the cluster was chosen further up.
fn chosen(case: &Case) -> bool {
    case.after(|c| {
        c.names("use-context")
            || matches!(c.program(), "kubectx" | "kubectl-ctx")
            || ["get-credentials", "update-kubeconfig"].iter().any(|w| c.names(w))
            || c.words.iter().chain(&c.front).any(|w| w.starts_with("KUBECONFIG="))
    }) || case.front.iter().any(|w| w.starts_with("KUBECONFIG="))
}

/// Whether a command changes nothing.
fn only_looks(command: &Simple) -> bool {
    const LOOKS: &[&str] = &[
        "get", "describe", "logs", "top", "config", "version", "history", "status", "wait", "diff", "explain",
    ];
    LOOKS
        .iter()
        .any(|verb| command.begins(&["kubectl", verb]) || command.begins(&["kubectl", "rollout", verb]))
}

/// Whether a command waits for pods, or looks at them.
fn looks(command: &Simple) -> bool {
    match command.program() {
        "kubectl" => ["status", "wait", "get", "describe"].iter().any(|w| command.names(w)),
        "helm" => ["status", "test"].iter().any(|w| command.names(w)),
        "curl" | "wget" => true,
        _ => false,
    }
}

/// The words that are neither options nor their values.
fn operands(command: &Simple) -> usize {
    const VALUED: &[&str] =
        &["-n", "--namespace", "--kube-context", "--kubeconfig", "--timeout", "--history-max"];
    let mut words = command.arguments();
    let mut count = 0;
    while let Some(word) = words.next() {
        if VALUED.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            count += 1;
        }
    }
    count
}

fn drops_volumes(command: &Case) -> Option<String> {
    say(
        command.names("down") && command.has(&["-v", "--volumes"]),
        "deletes the named volumes and what is in them",
    )
}
