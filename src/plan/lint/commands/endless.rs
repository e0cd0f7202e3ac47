//! Rules for what does not end by itself, and for what only a person at a terminal can use.

use super::rule::Weight::Surprises;
use super::rule::{Case, Rule, anywhere, say, way_back};

const END: &str = "a step has to end: start it as a service, or give it a time-out";
const READ: &str = "read what there is: --tail, --since; or bind it as a log source";
const ALONE: &str = "a step has to run by itself and end";
const COMPOSE_UP: &str = "https://docs.docker.com/reference/cli/docker/compose/up/";
const EXEC: &str = "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_exec/";
const LOGS: &str = "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_logs/";
const FORWARD: &str = "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/";

pub(super) const RULES: &[Rule] = &[
    anywhere(&["npm"], Surprises, serves, END, "https://docs.npmjs.com/cli/commands/npm-start"),
    anywhere(&["yarn"], Surprises, serves, END, "https://yarnpkg.com/cli/run"),
    anywhere(&["pnpm"], Surprises, serves, END, "https://pnpm.io/cli/run"),
    anywhere(
        &["rails"],
        Surprises,
        |c| {
            lasting(
                c,
                c.plain().next().is_some_and(|w| matches!(w, "s" | "server")) && c.lacks(&["-d", "--daemon"]),
            )
        },
        END,
        "https://guides.rubyonrails.org/command_line.html",
    ),
    anywhere(
        &["python", "manage.py", "runserver"],
        Surprises,
        |c| lasting(c, true),
        END,
        "https://docs.djangoproject.com/en/stable/ref/django-admin/#runserver",
    ),
    anywhere(
        &["docker", "compose"],
        Surprises,
        |c| lasting(c, c.names("up") && !detached(c)),
        "add -d, or --wait",
        COMPOSE_UP,
    ),
    anywhere(
        &["docker-compose"],
        Surprises,
        |c| lasting(c, c.names("up") && !detached(c)),
        "add -d or --wait",
        COMPOSE_UP,
    ),
    anywhere(
        &["docker"],
        Surprises,
        |c| lasting(c, c.names("logs") && follows(c)),
        READ,
        "https://docs.docker.com/reference/cli/docker/container/logs/",
    ),
    anywhere(
        &["tail"],
        Surprises,
        |c| lasting(c, follows(c) || c.short('F')),
        READ,
        "https://www.gnu.org/software/coreutils/manual/html_node/tail-invocation.html",
    ),
    anywhere(
        &["journalctl"],
        Surprises,
        |c| lasting(c, follows(c)),
        READ,
        "https://www.freedesktop.org/software/systemd/man/latest/journalctl.html",
    ),
    anywhere(&["kubectl", "logs"], Surprises, |c| lasting(c, c.has(&["-f", "--follow"])), READ, LOGS),
    anywhere(
        &["kubectl", "get"],
        Surprises,
        |c| lasting(c, c.has(&["-w", "--watch"])),
        "use kubectl rollout status or kubectl wait, which end",
        "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/",
    ),
    anywhere(&["kubectl", "port-forward"], Surprises, |c| lasting(c, true), END, FORWARD),
    anywhere(
        &["heroku", "logs"],
        Surprises,
        |c| lasting(c, c.has(&["-t", "--tail"])),
        READ,
        "https://devcenter.heroku.com/articles/logging",
    ),
    anywhere(
        &["aws", "logs", "tail"],
        Surprises,
        |c| lasting(c, c.has(&["--follow"])),
        READ,
        "https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html",
    ),
    way_back(
        &["kubectl", "exec"],
        Surprises,
        |c| say(!c.fed && interactive(c), "waits for somebody to type"),
        "pass the command behind --, without -it",
        EXEC,
    ),
    way_back(
        &["kubectl", "edit"],
        Surprises,
        |_| say(true, "opens an editor"),
        "use kubectl patch, or apply a file",
        "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_edit/",
    ),
    way_back(
        &["docker"],
        Surprises,
        |c| {
            let runs =
                c.plain().next().is_some_and(|w| matches!(w, "exec" | "run" | "compose" | "container"));
            say(runs && !c.fed && c.has(&["-it", "-ti"]), "needs a terminal")
        },
        "run it without -it",
        "https://docs.docker.com/reference/cli/docker/container/exec/",
    ),
    way_back(
        &[],
        Surprises,
        |c| say(SCREENS.contains(&c.program()) && !c.fed && !c.behind("timeout"), "takes over the terminal"),
        ALONE,
        "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/vi.html",
    ),
];

/// Programs that only a person at a terminal can use.
const SCREENS: &[&str] =
    &["vim", "vi", "nvim", "nano", "emacs", "less", "more", "top", "htop", "watch", "k9s", "visudo"];

/// Unless it is timed, piped into something that ends it, or in the background.
fn lasting(case: &Case, holds: bool) -> Option<String> {
    let ended = case.background || case.behind("timeout") || case.behind("nohup");
    say(holds && !ended, "runs until it is stopped")
}

fn follows(case: &Case) -> bool {
    case.short('f') || case.has(&["--follow"])
}

fn detached(case: &Case) -> bool {
    case.short('d') || case.has(&["--detach", "--wait", "--no-start", "--abort-on-container-exit"])
}

/// A terminal is asked for, and what is run there is a shell or a client that is told nothing.
fn interactive(case: &Case) -> bool {
    const TALK: &[&str] =
        &["sh", "bash", "zsh", "ash", "psql", "mysql", "redis-cli", "mongosh", "mongo", "python", "node"];
    let words: Vec<&str> = case.arguments().collect();
    let (before, behind) = match words.iter().position(|w| *w == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (&words[..], &[][..]),
    };
    let asked = before.iter().any(|w| matches!(*w, "-it" | "-ti" | "-i" | "--stdin" | "--tty"));
    let program = behind.first().map(|w| w.rsplit('/').next().unwrap_or(w));
    asked && program.is_none_or(|program| TALK.contains(&program) && behind.len() == 1)
}

/// "npm start", "npm run dev": servers that never end.
fn serves(case: &Case) -> Option<String> {
    let plain: Vec<&str> = case.plain().collect();
    let name = match plain[..] {
        ["run", name, ..] => name,
        [name, ..] => name,
        [] => return None,
    };
    lasting(
        case,
        matches!(name, "start" | "dev" | "serve" | "watch" | "start:dev" | "start:prod" | "preview"),
    )
}
