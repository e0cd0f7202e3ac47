//! Rules for the tools of any script: curl, ssh, git, rm, sed, and what holds a terminal.

use super::rule::Weight::{Advises, Destroys, Surprises};
use super::rule::{Case, Rule, anywhere, say, way_back};
use super::shell::Simple;

const CURL: &str = "https://curl.se/docs/manpage.html";
const GIT_REVERT: &str = "https://git-scm.com/docs/git-revert";

pub(super) const RULES: &[Rule] = &[
    anywhere(&["curl"], Surprises, curl_host, "write the host, or set base_url in warroom.toml", CURL),
    anywhere(
        &["curl"],
        Surprises,
        curl_fail,
        "add -f, so that an answer of 400 and above is a failure",
        "https://curl.se/docs/manpage.html#-f",
    ),
    anywhere(
        &["curl"],
        Surprises,
        curl_literal,
        "close the single quotes around it: '{\"id\": \"'\"$ID\"'\"}'",
        "https://www.shellcheck.net/wiki/SC2016",
    ),
    anywhere(
        &["ssh"],
        Surprises,
        ssh_shell,
        "pass the commands in quotes behind the host, or feed them with <<",
        "https://man.openbsd.org/ssh.1",
    ),
    anywhere(
        &["rm"],
        Destroys,
        rm_variable,
        "write ${NAME:?} so that an unset variable stops the command",
        "https://www.shellcheck.net/wiki/SC2115",
    ),
    anywhere(
        &["rm"],
        Destroys,
        rm_after_cd,
        "join the two with &&, or write the whole path",
        "https://www.shellcheck.net/wiki/SC2164",
    ),
    anywhere(
        &[],
        Surprises,
        |c| {
            const OWNED: &[&str] = &["/etc/", "/usr/", "/var/", "/opt/", "/root/", "/sys/", "/proc/"];
            let file = c.writes.as_deref().is_some_and(|f| OWNED.iter().any(|folder| f.starts_with(folder)));
            say(c.behind("sudo") && file, "is run by root, but the file is opened by you")
        },
        "pipe it into sudo tee",
        "https://www.shellcheck.net/wiki/SC2024",
    ),
    way_back(
        &["sed"],
        Advises,
        |c| say(sed_in_place(c), "works with GNU sed only: on a Mac -i takes the next word for a suffix"),
        "write -i.bak, which both understand",
        "https://riptutorial.com/sed/topic/9436/bsd-macos-sed-vs--gnu-sed-vs--the-posix-sed-specification",
    ),
    anywhere(
        &["git", "push"],
        Destroys,
        |c| say(c.has(&["-f", "--force"]), "overwrites what others pushed meanwhile"),
        "use --force-with-lease, or revert forward",
        "https://git-scm.com/docs/git-push",
    ),
    way_back(
        &["git", "revert"],
        Surprises,
        |c| {
            let quiet = ["--no-edit", "-n", "--no-commit", "--continue", "--abort", "--skip", "--quit"];
            say(c.plain().nth(1).is_some() && c.lacks(&quiet), "opens an editor at a terminal")
        },
        "add --no-edit",
        GIT_REVERT,
    ),
    way_back(
        &["git", "commit"],
        Surprises,
        |c| {
            let message =
                c.short('m') || c.has(&["--message", "-F", "--file", "-C", "--reuse-message", "--no-edit"]);
            say(!message, "opens an editor")
        },
        "add -m",
        "https://git-scm.com/docs/git-commit",
    ),
    way_back(
        &["git", "rebase"],
        Surprises,
        |c| say(c.has(&["-i", "--interactive"]), "opens an editor"),
        "revert instead, or name what is to be rebased",
        "https://git-scm.com/docs/git-rebase",
    ),
    way_back(
        &["read"],
        Surprises,
        |c| say(!c.fed && !c.behind("while"), "waits for somebody to type"),
        "make it a step of its own, which a person ticks",
        "https://www.gnu.org/software/bash/manual/html_node/Bash-Builtins.html",
    ),
];

/// The address of a curl command: the first word that is no option nor its value.
fn address(command: &Simple) -> Option<&str> {
    const VALUED: &[&str] = &[
        "-X",
        "--request",
        "-H",
        "--header",
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "--data-urlencode",
        "--json",
        "-o",
        "--output",
        "-u",
        "--user",
        "-w",
        "--write-out",
        "-m",
        "--max-time",
        "-A",
        "--user-agent",
        "-b",
        "--cookie",
        "-c",
        "--cookie-jar",
        "-F",
        "--form",
        "-T",
        "--upload-file",
        "--retry",
        "--retry-delay",
        "--connect-timeout",
        "--cacert",
        "--cert",
        "--key",
        "--resolve",
        "-e",
        "--referer",
        "-x",
        "--proxy",
        "-K",
        "--config",
        "--oauth2-bearer",
        "--retry-max-time",
    ];
    let mut words = command.arguments();
    while let Some(word) = words.next() {
        let bundled =
            word.len() > 2 && !word.starts_with("--") && word.ends_with(['X', 'H', 'd', 'o', 'w', 'u']);
        if VALUED.contains(&word) || word.starts_with('-') && bundled && !word.contains('/') {
            words.next()?;
        } else if word == "--url" {
            return words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

fn curl_host(command: &Case) -> Option<String> {
    let address = address(command)?;
    let path = address.starts_with('/') && !address.starts_with("//");
    path.then(|| format!("has no host: “{address}” is only a path"))
}

/// A check that cannot fail: curl ends with 0 whatever the server answers.
fn curl_fail(command: &Case) -> Option<String> {
    let fails = command.short('f') || command.arguments().any(|w| w.starts_with("--fail"));
    let sends = command.has(&["-X", "--request", "-d", "--data", "--data-raw", "--json", "-F", "-T"]);
    let looked_at = command.piped
        || command.writes.is_some()
        || command.has(&["-w", "--write-out", "-o", "--output", "-O", "-I", "--head", "-i", "--include"])
        || command.short('I')
        || command.short('i')
        || command.short('w')
        || command.short('v');
    let checks = address(command).is_some_and(|a| {
        let path = a.to_lowercase();
        let path = path.rsplit("://").next().unwrap_or(&path).to_owned();
        let parts: Vec<&str> = path.split(['/', '?', '_', '-', '.']).skip(1).collect();
        [
            "health",
            "healthz",
            "healthcheck",
            "status",
            "ready",
            "readyz",
            "readiness",
            "live",
            "livez",
            "liveness",
            "ping",
        ]
        .iter()
        .any(|w| parts.contains(w))
    });
    say(checks && !sends && !looked_at && !fails, "succeeds even when the server answers 500")
}

/// A variable in single quotes is sent by its name.
fn curl_literal(command: &Case) -> Option<String> {
    let literal = command.literals.iter().find_map(|text| {
        let at = text.find('$')?;
        let rest = text[at + 1..].trim_start_matches('{');
        let name: String = rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        (name.len() > 2).then_some(name)
    })?;
    Some(format!("sends “${literal}” as it is written: nothing is filled in between single quotes"))
}

/// A shell over there, and the next lines over here.
fn ssh_shell(command: &Case) -> Option<String> {
    const VALUED: &[&str] = &["-i", "-p", "-l", "-o", "-F", "-J", "-b", "-c", "-m", "-E", "-S", "-W"];
    if command.fed || command.has(&["-N", "-L", "-R", "-D", "-T", "-V", "-O", "-G"]) || command.short('N') {
        return None;
    }
    let mut words = command.arguments();
    let mut plain = 0;
    while let Some(word) = words.next() {
        if VALUED.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            plain += 1;
        }
    }
    say(plain == 1, "opens a shell on the other side: lines below it run there only if somebody types them")
}

fn rm_variable(command: &Case) -> Option<String> {
    let forced = command.short('r') || command.short('R') || command.has(&["--recursive"]);
    let guarded = |w: &str| w.contains(":?") || w.contains(":-");
    // What is behind the variable decides: "$A/cache" is "/cache" without it, "$A" is nothing.
    let bare = |w: &&str| w.starts_with('$') && !w.starts_with("$(") && w.contains('/') && !guarded(w);
    let word = command.arguments().find(bare).filter(|_| forced)?;
    Some(format!("deletes from the root where “{word}” begins with an unset variable"))
}

/// Where the folder is not there, what is in the present one goes.
fn rm_after_cd(command: &Case) -> Option<String> {
    let recursive = command.short('r') && command.plain().any(|w| matches!(w, "*" | "./*" | "." | "./"));
    let careful = |c: &Simple| c.program() == "set" && c.short('e');
    let moved = command.after(|c| c.program() == "cd");
    say(recursive && moved && !command.after(careful), "deletes here where the cd above it fails")
}

/// `sed -i 's/…/'`: no suffix joined to the option, none as a word of its own.
fn sed_in_place(command: &Simple) -> bool {
    let words: Vec<&str> = command.arguments().collect();
    let at = words.iter().position(|w| *w == "-i");
    at.is_some_and(|at| words.get(at + 1).is_some_and(|next| !next.is_empty()))
}
