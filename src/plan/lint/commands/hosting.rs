//! Rules for what deploys and hosts: Vercel, Heroku, the clouds, Terraform, packages.

use super::rule::Weight::{Advises, Destroys, Fails, Surprises};
use super::rule::{Case, Rule, anywhere, say, way_back};
use super::shell::{Simple, is_assignment};

const VERCEL_ENV: &str = "https://vercel.com/docs/cli/env";
const TERRAFORM: &str = "https://developer.hashicorp.com/terraform/cli/commands/apply";

pub(super) const RULES: &[Rule] = &[
    anywhere(
        &["vercel", "env", "add"],
        Fails,
        vercel_value,
        "name the environment and pass the value apart: --value; then redeploy",
        VERCEL_ENV,
    ),
    anywhere(
        &["vercel"],
        Fails,
        vercel_repeats,
        "write the flag before each variable: --env A=1 --env B=2",
        "https://vercel.com/docs/cli/deploy",
    ),
    anywhere(
        &["vercel", "env"],
        Surprises,
        vercel_stale,
        "deploy again behind it: what runs, and what it is rolled back to, keeps the old value",
        "https://vercel.com/kb/guide/how-to-add-vercel-environment-variables",
    ),
    way_back(
        &["terraform", "apply"],
        Surprises,
        |c| say(c.lacks(AUTO) && c.plain().skip(1).all(|w| w.contains('=')), "asks before it does anything"),
        "apply a saved plan file, or add -auto-approve",
        TERRAFORM,
    ),
    way_back(
        &["terraform", "destroy"],
        Surprises,
        |c| say(c.lacks(AUTO), "asks before it does anything"),
        "name what is destroyed with -target, and add -auto-approve",
        TERRAFORM,
    ),
    anywhere(
        &["terraform", "destroy"],
        Destroys,
        |c| say(c.lacks(&["-target", "--target"]), "destroys everything the configuration manages"),
        "name what is destroyed with -target, or take the change back and apply",
        "https://developer.hashicorp.com/terraform/cli/commands/destroy",
    ),
    way_back(
        &["heroku", "pg:backups:restore"],
        Surprises,
        |c| say(c.lacks(&["--confirm", "-c"]), "asks for the name of the app first"),
        "add --confirm APP",
        "https://devcenter.heroku.com/articles/heroku-cli-commands#heroku-pg-backups-restore-backup-database",
    ),
    way_back(
        &["gcloud"],
        Surprises,
        |c| say(c.names("delete") && c.lacks(&["--quiet", "-q"]), "asks before it deletes"),
        "add --quiet",
        "https://cloud.google.com/sdk/gcloud/reference/deployment-manager/deployments/delete",
    ),
    way_back(
        &["aws"],
        Advises,
        aws_region,
        "name it: --region, or --profile",
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html",
    ),
    way_back(
        &["apt-get"],
        Surprises,
        |c| {
            say(
                installs(c) && !c.short('y') && c.lacks(&["--yes", "--assume-yes"]),
                "asks before it installs",
            )
        },
        "add -y",
        "https://manpages.debian.org/apt-get.8",
    ),
    way_back(
        &["apt"],
        Surprises,
        |c| {
            say(
                installs(c) && !c.short('y') && c.lacks(&["--yes", "--assume-yes"]),
                "asks before it installs",
            )
        },
        "use apt-get with -y; apt has no stable command line for scripts",
        "https://manpages.debian.org/apt.8",
    ),
];

const AUTO: &[&str] = &["-auto-approve", "--auto-approve"];

fn installs(command: &Simple) -> bool {
    ["install", "remove", "purge", "upgrade", "dist-upgrade"].iter().any(|verb| command.names(verb))
}

/// The second word is the environment, not the value.
fn vercel_value(command: &Case) -> Option<String> {
    let value = command.plain().nth(3)?;
    let value_like = matches!(
        value.to_lowercase().as_str(),
        "true" | "false" | "on" | "off" | "yes" | "no" | "enabled" | "disabled"
    ) || value.parse::<f64>().is_ok();
    value_like.then(|| format!("takes “{value}” for the name of an environment, and sets nothing"))
}

fn vercel_repeats(command: &Case) -> Option<String> {
    let words: Vec<&str> = command.arguments().collect();
    let at = words.iter().position(|w| matches!(*w, "--env" | "-e" | "--build-env" | "-b"))?;
    let second = words.get(at + 2).filter(|w| is_assignment(w))?;
    Some(format!("passes only the first variable: “{second}” has no --env of its own"))
}

/// A changed variable reaches only what is deployed after it.
fn vercel_stale(command: &Case) -> Option<String> {
    let changes = ["add", "rm", "update"].iter().any(|verb| command.plain().nth(1) == Some(verb));
    let deploys = |c: &Simple| {
        c.program() == "vercel"
            && (c.plain().next().is_none_or(|w| matches!(w, "deploy" | "redeploy" | "build"))
                || c.names("--prod") && !c.names("env"))
    };
    say(changes && !command.followed_by(deploys), "changes nothing that runs: no deployment follows it")
}

/// Services that have no region, or one in their names.
const GLOBAL: &[&str] =
    &["s3", "s3api", "iam", "route53", "cloudfront", "sts", "configure", "sso", "organizations", "help"];

fn aws_region(command: &Case) -> Option<String> {
    let service = command.plain().next().filter(|s| !GLOBAL.contains(s))?;
    let set = |c: &Simple| c.words.iter().chain(&c.front).any(|w| w.starts_with("AWS_"));
    let named = command.has(&["--region", "--profile", "--endpoint-url"])
        || set(command)
        || command.arguments().any(|w| w.contains("arn:aws"))
        || command.after(set);
    (!named).then(|| format!("acts in whatever region and account the shell is set to ({service})"))
}
