//! Commands that will not do what the plan says: rule tables by tool, each rule with its source.
//!
//! Reads words, never runs anything. A rule speaks once a procedure. Called by `lint`.

use super::lint::problem;
use super::vocabulary::words;
use super::{Command, Level, Plan, Problem, Procedure, ProcedureKind};

/// A rule about one tool.
struct Rule {
    /// The words that a command begins with for the rule to be asked.
    tool: &'static [&'static str],
    /// Where it is asked.
    place: Place,
    /// What is wrong, if anything is.
    says: fn(&Simple) -> Option<String>,
    /// What to do instead.
    hint: &'static str,
    /// Where the behaviour is documented.
    source: &'static str,
}

/// The procedures a rule is asked about.
#[derive(PartialEq)]
enum Place {
    Anywhere,
    /// A way back has to run unattended and do all of it.
    Rollback,
}

const RULES: &[Rule] = &[
    Rule {
        tool: &["vercel", "env", "add"],
        place: Place::Anywhere,
        says: vercel_value,
        hint: "name the environment and pass the value apart: --value; then redeploy, running deployments keep the old value",
        source: "https://vercel.com/docs/cli/env",
    },
    Rule {
        tool: &["vercel"],
        place: Place::Anywhere,
        says: vercel_repeats,
        hint: "write the flag before each variable: --env A=1 --env B=2",
        source: "https://vercel.com/docs/cli/deploy",
    },
    Rule {
        tool: &["curl"],
        place: Place::Anywhere,
        says: curl_host,
        hint: "write the host, or set base_url in warroom.toml",
        source: "https://curl.se/docs/manpage.html#URL",
    },
    Rule {
        tool: &["curl"],
        place: Place::Anywhere,
        says: curl_fail,
        hint: "add -f, so that an answer of 400 and above is a failure",
        source: "https://curl.se/docs/manpage.html#-f",
    },
    Rule {
        tool: &["kubectl"],
        place: Place::Rollback,
        says: |c| {
            c.lacks(&["--context", "--kubeconfig", "--cluster"])
                .then(|| "acts on whatever context is current".to_owned())
        },
        hint: "name the cluster: --context",
        source: "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/",
    },
    Rule {
        tool: &["helm"],
        place: Place::Rollback,
        says: |c| {
            c.lacks(&["--kube-context", "--kubeconfig"])
                .then(|| "acts on whatever context is current".to_owned())
        },
        hint: "name the cluster: --kube-context",
        source: "https://helm.sh/docs/helm/helm/",
    },
    Rule {
        tool: &["rm"],
        place: Place::Anywhere,
        says: rm_variable,
        hint: "write ${NAME:?} so that an unset variable stops the command",
        source: "https://www.shellcheck.net/wiki/SC2115",
    },
    Rule {
        tool: &["git", "push"],
        place: Place::Anywhere,
        says: |c| c.has(&["-f", "--force"]).then(|| "overwrites what others pushed meanwhile".to_owned()),
        hint: "use --force-with-lease, or revert forward",
        source: "https://git-scm.com/docs/git-push",
    },
    Rule {
        tool: &["git", "revert"],
        place: Place::Rollback,
        says: |c| c.lacks(&["--no-edit", "-n", "--no-commit"]).then(|| "opens an editor".to_owned()),
        hint: "add --no-edit",
        source: "https://git-scm.com/docs/git-revert",
    },
    Rule {
        tool: &["terraform", "apply"],
        place: Place::Rollback,
        says: |c| {
            c.lacks(&["-auto-approve", "--auto-approve"]).then(|| "asks before it does anything".to_owned())
        },
        hint: "apply a saved plan file, or add -auto-approve",
        source: "https://developer.hashicorp.com/terraform/cli/commands/apply",
    },
    Rule {
        tool: &["psql"],
        place: Place::Anywhere,
        says: psql_goes_on,
        hint: "add -v ON_ERROR_STOP=1",
        source: "https://www.postgresql.org/docs/current/app-psql.html",
    },
    Rule {
        tool: &["prisma", "migrate", "dev"],
        place: Place::Anywhere,
        says: |_| Some("is for development and may reset the database".to_owned()),
        hint: "use prisma migrate deploy",
        source: "https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production",
    },
    Rule {
        tool: &["prisma", "studio"],
        place: Place::Anywhere,
        says: |_| Some("opens a browser and runs until it is stopped".to_owned()),
        hint: "check with a query that ends",
        source: "https://www.prisma.io/docs/orm/tools/prisma-studio",
    },
    Rule {
        tool: &["npm"],
        place: Place::Anywhere,
        says: |c| runs_on(c, 1),
        hint: "a step has to end: start it as a service, or give it a time-out",
        source: "https://docs.npmjs.com/cli/commands/npm-start",
    },
    Rule {
        tool: &["tail"],
        place: Place::Anywhere,
        says: |c| c.has(&["-f", "-F", "--follow"]).then(|| "runs until it is stopped".to_owned()),
        hint: "use a time-out, or read the last lines",
        source: "https://www.gnu.org/software/coreutils/manual/html_node/tail-invocation.html",
    },
    Rule {
        tool: &["kubectl", "logs"],
        place: Place::Anywhere,
        says: |c| c.has(&["-f", "--follow"]).then(|| "runs until it is stopped".to_owned()),
        hint: "use --since, or bind it as a log source",
        source: "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_logs/",
    },
    Rule {
        tool: &["kubectl", "exec"],
        place: Place::Rollback,
        says: |c| c.has(&["-it", "-ti", "-i", "--stdin"]).then(|| "waits for somebody to type".to_owned()),
        hint: "pass the command behind -- without -it",
        source: "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_exec/",
    },
    Rule {
        tool: &["docker"],
        place: Place::Rollback,
        says: |c| c.has(&["-it", "-ti"]).then(|| "needs a terminal".to_owned()),
        hint: "run it without -it",
        source: "https://docs.docker.com/reference/cli/docker/container/exec/",
    },
];

/// Programs that only a person at a terminal can use.
/// Each of them takes over the terminal: <https://www.gnu.org/software/coreutils/manual/>, their manual pages.
const FULL_SCREEN: &[&str] = words! { "vim" "vi" "nano" "emacs" "less" "more" "top" "htop" "watch" "k9s" };

/// One command without pipes.
struct Simple<'a> {
    words: Vec<&'a str>,
    piped: bool,
}

impl Simple<'_> {
    fn has(&self, flags: &[&str]) -> bool {
        self.words.iter().any(|w| flags.contains(w))
    }

    /// Whether none of these options stands there, alone or with `=`.
    fn lacks(&self, options: &[&str]) -> bool {
        !self.words.iter().any(|w| options.contains(&w.split('=').next().unwrap_or(w)))
    }

    fn begins(&self, tool: &[&str]) -> bool {
        self.words.len() >= tool.len() && tool.iter().zip(&self.words).all(|(a, b)| a == b)
    }
}

/// What is wrong with the commands of a plan, one problem a rule and procedure.
pub(crate) fn lint(plan: &Plan, out: &mut Vec<Problem>) {
    for procedure in &plan.procedures {
        let mut told = Vec::new();
        let commands = procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands);
        for command in commands.filter(|c| is_shell(c)) {
            for (line, text) in logical_lines(&command.text) {
                for simple in simple_commands(&text) {
                    ask(procedure, &simple, command.line + line, &mut told, out);
                }
            }
        }
    }
}

fn is_shell(command: &Command) -> bool {
    super::commands::is_shell(&command.language) || matches!(command.language.as_str(), "" | "inline")
}

/// Lines joined where one ends in a backslash, with the number of their first.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (i, line) in text.lines().enumerate() {
        let (body, goes_on) = line.trim_end().strip_suffix('\\').map_or((line, false), |body| (body, true));
        match out.last_mut() {
            Some((_, above)) if open => {
                above.push(' ');
                above.push_str(body.trim());
            }
            _ => out.push((i, body.trim().to_owned())),
        }
        open = goes_on;
    }
    out.retain(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    out
}

/// The commands of a line, without prompt, `sudo`, `npx` and assignments in front.
fn simple_commands(line: &str) -> Vec<Simple<'_>> {
    let piped = line.contains('|');
    let parts = line.split(['|', ';']).flat_map(|part| part.split("&&"));
    let words = parts.map(|part| {
        let front = |w: &&str| matches!(*w, "$" | "sudo" | "npx" | "time" | "bunx") || is_assignment(w);
        part.split_whitespace().skip_while(front).collect::<Vec<_>>()
    });
    words.filter(|words| !words.is_empty()).map(|words| Simple { words, piped }).collect()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn ask(procedure: &Procedure, simple: &Simple, line: usize, told: &mut Vec<usize>, out: &mut Vec<Problem>) {
    let back = procedure.kind == ProcedureKind::Rollback;
    let level = if back { Level::Warning } else { Level::Note };
    for (i, rule) in RULES.iter().enumerate() {
        let asked = (back || rule.place == Place::Anywhere) && simple.begins(rule.tool) && !told.contains(&i);
        if !asked {
            continue;
        }
        if let Some(said) = (rule.says)(simple) {
            told.push(i);
            let message = format!("`{}` {said}", shown(simple));
            out.push(problem(level, line, message, &format!("{}; see {}", rule.hint, rule.source)));
        }
    }
    let first = simple.words.first().copied().unwrap_or("");
    if FULL_SCREEN.contains(&first) && !told.contains(&usize::MAX) {
        told.push(usize::MAX);
        let message = format!("`{}` takes over the terminal", shown(simple));
        out.push(problem(level, line, message, "a step has to run by itself and end"));
    }
}

/// The beginning of a command.
fn shown(simple: &Simple) -> String {
    let head = simple.words.iter().take(5).copied().collect::<Vec<_>>().join(" ");
    if simple.words.len() > 5 { format!("{head} …") } else { head }
}

/// The second word is the environment, not the value.
fn vercel_value(command: &Simple) -> Option<String> {
    let plain: Vec<&&str> = command.words[3..].iter().filter(|w| !w.starts_with('-')).collect();
    let value = plain.get(1)?;
    let value_like =
        matches!(value.to_lowercase().as_str(), "true" | "false" | "0" | "1" | "on" | "off" | "yes" | "no")
            || value.parse::<f64>().is_ok();
    value_like.then(|| format!("takes “{value}” for the name of an environment, and sets nothing"))
}

fn vercel_repeats(command: &Simple) -> Option<String> {
    let mut words = command.words.iter().enumerate();
    let at = words.find(|(_, w)| matches!(**w, "--env" | "-e" | "--build-env" | "-b")).map(|(i, _)| i)?;
    let second = command.words.get(at + 2).filter(|w| is_assignment(w))?;
    Some(format!("passes only the first variable: “{second}” has no --env of its own"))
}

/// The address of a curl command: the first word that is no option nor its value.
fn address<'a>(command: &Simple<'a>) -> Option<&'a str> {
    const VALUED: &[&str] = words! {
        "-X" "--request" "-H" "--header" "-d" "--data" "--data-raw" "--data-binary" "--json" "-o" "--output" "-u"
        "--user" "-w" "--write-out" "-m" "--max-time" "-A" "-b" "-F" "--retry" "--retry-delay" "--connect-timeout"
        "--cacert" "--resolve"
    };
    let mut words = command.words.iter().skip(1);
    while let Some(word) = words.next() {
        if VALUED.contains(word) {
            let value = words.next()?;
            // A quoted value goes on until its closing quote.
            if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                let closed = value.len() > 1 && value.ends_with(quote);
                let _ = closed || words.any(|w| w.ends_with(quote));
            }
        } else if !word.starts_with('-') {
            return Some(word.trim_matches(['"', '\'']));
        }
    }
    None
}

fn curl_host(command: &Simple) -> Option<String> {
    let address = address(command)?;
    address.starts_with('/').then(|| format!("has no host: “{address}” is only a path"))
}

/// A check that cannot fail: curl ends with 0 whatever the server answers.
fn curl_fail(command: &Simple) -> Option<String> {
    let fails =
        |w: &&&str| w.starts_with("--fail") || w.starts_with('-') && !w.starts_with("--") && w.contains('f');
    let sends = command.has(&["-X", "--request", "-d", "--data", "--data-raw", "--json", "-F", "-T"]);
    let judged = command.piped || command.has(&["-w", "--write-out", "-o", "--output", "-O", "-I", "--head"]);
    let checks = address(command).is_some_and(|a| {
        let lower = a.to_lowercase();
        ["health", "status", "ready", "live", "ping"].iter().any(|w| lower.contains(w))
    });
    let found = command.words.iter().skip(1).any(|w| fails(&w));
    (checks && !sends && !judged && !found).then(|| "succeeds even when the server answers 500".to_owned())
}

fn rm_variable(command: &Simple) -> Option<String> {
    let forced = command.words.iter().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains('r'));
    let bare = |w: &&&str| {
        let w = w.trim_matches(['"', '\'']);
        w.starts_with('$') && w.contains('/') && !w.contains(":?")
    };
    let word = command.words.iter().skip(1).find(bare).filter(|_| forced)?;
    Some(format!("deletes from the root where “{word}” begins with an unset variable"))
}

fn psql_goes_on(command: &Simple) -> Option<String> {
    let file = command.has(&["-f", "--file", "<"]);
    let stops = command.words.iter().any(|w| w.contains("ON_ERROR_STOP"))
        || command.has(&["-1", "--single-transaction"]);
    (file && !stops).then(|| "goes on after an error and ends as if all were well".to_owned())
}

/// "npm start", "npm run dev": servers that never end.
fn runs_on(command: &Simple, at: usize) -> Option<String> {
    let rest = &command.words[at.min(command.words.len())..];
    let name = match rest {
        ["run", name, ..] => *name,
        [name, ..] => *name,
        [] => return None,
    };
    let waits = matches!(name, "start" | "dev" | "serve" | "watch" | "start:dev" | "preview");
    waits.then(|| "runs until it is stopped".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(section: &str, command: &str) -> Vec<String> {
        let text = format!(
            "# P\n## {section}\n1. Do it\n   ```bash\n   {}\n   ```\n",
            command.replace('\n', "\n   ")
        );
        let problems = crate::plan::read(text.as_bytes(), "p").problems;
        problems.into_iter().map(|p| format!("{} {}", p.line, p.message)).collect()
    }

    #[test]
    fn commands_that_do_something_else() {
        for (command, words) in [
            ("vercel env add ROLLBACK_MODE true", "for the name of an environment"),
            ("vercel --prod --env A=1 B=2", "“B=2” has no --env"),
            ("curl -X POST /api/flags -H \"X: y z\"", "is only a path"),
            ("curl https://x.example/health", "even when the server answers 500"),
            ("kubectl rollout undo deploy/x", "context is current"),
            ("sudo helm rollback x 3", "context is current"),
            ("rm -rf $BUILD/cache", "unset variable"),
            ("git push origin main --force", "overwrites"),
            ("git revert HEAD", "editor"),
            ("terraform apply", "asks before"),
            ("psql prod -f back.sql", "goes on after an error"),
            ("npx prisma studio", "browser"),
            ("npm run start", "until it is stopped"),
            ("tail -f /var/log/x", "until it is stopped"),
            ("vim config.yaml", "takes over"),
        ] {
            let found = said("Rollback", command);
            assert!(
                found.len() == 1 && found[0].starts_with("5 ") && found[0].contains(words),
                "{command}: {found:?}"
            );
        }
    }

    #[test]
    fn commands_that_are_well() {
        for command in [
            "vercel env add ROLLBACK_MODE production --value true",
            "vercel --prod --env A=1 --env B=2",
            "curl -fsS https://x.example/health",
            "curl -s https://x.example/health | jq -e .ok",
            "curl -s -o /dev/null -w '%{http_code}' https://x.example/health",
            "curl -X POST https://x.example/flags -d '{\"on\": false}'",
            "kubectl --context=prod rollout undo deploy/x",
            "rm -rf ${BUILD:?}/cache",
            "git push --force-with-lease",
            "git revert --no-edit HEAD",
            "psql prod -v ON_ERROR_STOP=1 -f back.sql",
            "# kubectl get pods",
            "npm ci && npm run build",
        ] {
            assert_eq!(said("Rollback", command), [""; 0], "{command}");
        }
    }

    #[test]
    fn a_rule_speaks_once_a_procedure_and_softly_elsewhere() {
        let many = "vercel env add A false\nvercel env add B false";
        assert_eq!(said("Rollback", many).len(), 1);
        assert_eq!(said("Deployment steps", "kubectl apply -f x.yaml"), [""; 0]);
        let text = b"# P\n## Deployment steps\n```bash\nnpm start\n```\n";
        assert_eq!(crate::plan::read(text, "p").problems[0].level, Level::Note);
    }
}
