//! Rules for what holds data: database clients, restores, migrations.

use super::rule::Weight::{Advises, Destroys, Surprises};
use super::rule::{Case, Rule, anywhere, say, way_back};
use super::shell::Simple;

const PSQL: &str = "https://www.postgresql.org/docs/current/app-psql.html";
const MYSQL_PASSWORD: &str = "https://dev.mysql.com/doc/refman/9.5/en/password-security-user.html";
const PRISMA: &str = "https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production";
const LARAVEL: &str = "https://laravel.com/cloud/docs/knowledge-base/command-failed-prod-app";
const REDIS_KEYS: &str = "https://redis.io/docs/latest/commands/keys/";
const PIPELINES: &str = "https://www.gnu.org/software/bash/manual/html_node/Pipelines.html";

pub(super) const RULES: &[Rule] = &[
    anywhere(
        &["psql"],
        Surprises,
        |c| {
            let file = c.has(&["-f", "--file"]) || c.file;
            let stops =
                c.words.iter().any(|w| w.contains("ON_ERROR_STOP")) || c.has(&["-1", "--single-transaction"]);
            say(file && !stops, "goes on after an error and ends as if all were well")
        },
        "add -v ON_ERROR_STOP=1",
        PSQL,
    ),
    way_back(
        &["psql"],
        Surprises,
        |c| {
            let given = c.fed || c.has(&["-c", "--command", "-f", "--file", "-l", "--list"]) || c.short('c');
            say(!given, "waits for somebody to type")
        },
        "pass the statement with -c, or a file with -f",
        PSQL,
    ),
    way_back(
        &["mysql"],
        Surprises,
        |c| say(!c.fed && c.lacks(&["-e", "--execute"]) && !c.short('e'), "waits for somebody to type"),
        "pass the statement with -e, or feed it a file",
        "https://dev.mysql.com/doc/refman/9.5/en/batch-mode.html",
    ),
    way_back(&["mysql"], Surprises, asks_password, PASSWORD, MYSQL_PASSWORD),
    way_back(&["mysqldump"], Surprises, asks_password, PASSWORD, MYSQL_PASSWORD),
    way_back(
        &["mongosh"],
        Surprises,
        |c| {
            let script = c.arguments().any(|w| w.ends_with(".js"));
            say(!c.fed && !script && c.lacks(&["--eval", "--file", "-f"]), "waits for somebody to type")
        },
        "pass the script with --eval or --file",
        "https://www.mongodb.com/docs/mongodb-shell/reference/options/",
    ),
    way_back(
        &["pg_restore"],
        Surprises,
        |c| {
            let others =
                ["-c", "--clean", "-C", "--create", "-a", "--data-only", "-l", "--list", "-f", "--file"];
            let emptied = c.after(|b| {
                matches!(b.program(), "dropdb" | "createdb")
                    || b.words.iter().any(|w| w.to_lowercase().contains("drop "))
            });
            say(c.lacks(&others) && !emptied, "does not replace what is there: tables that exist are errors")
        },
        "add --clean --if-exists, or restore into an empty database",
        "https://www.postgresql.org/docs/current/app-pgrestore.html",
    ),
    anywhere(&["pg_dump"], Surprises, hides_failure, PIPE, PIPELINES),
    anywhere(&["mysqldump"], Surprises, hides_failure, PIPE, PIPELINES),
    anywhere(&["mongodump"], Surprises, hides_failure, PIPE, PIPELINES),
    anywhere(
        &["prisma", "migrate", "dev"],
        Surprises,
        |_| say(true, "is for development and may reset the database"),
        "use prisma migrate deploy",
        PRISMA,
    ),
    anywhere(
        &["prisma", "migrate", "reset"],
        Destroys,
        |_| say(true, "drops the database"),
        "use prisma migrate deploy; a way back is a migration of its own",
        PRISMA,
    ),
    anywhere(
        &["prisma", "db", "push"],
        Surprises,
        |_| say(true, "changes the schema without a migration: there is no history to go back in"),
        "write a migration, and use prisma migrate deploy",
        "https://www.prisma.io/docs/orm/prisma-migrate/workflows/prototyping-your-schema",
    ),
    anywhere(
        &["prisma", "studio"],
        Surprises,
        |_| say(true, "opens a browser and runs until it is stopped"),
        "check with a query that ends",
        "https://www.prisma.io/docs/orm/tools/prisma-studio",
    ),
    way_back(
        &["php", "artisan"],
        Surprises,
        |c| {
            let asks = c.plain().nth(1).is_some_and(|w| {
                w.starts_with("migrate") && w != "migrate:status" || w == "db:seed" || w == "db:wipe"
            });
            say(asks && c.lacks(&["--force", "--pretend"]), "asks in production before it does anything")
        },
        "add --force",
        LARAVEL,
    ),
    anywhere(
        &["php", "artisan"],
        Destroys,
        |c| {
            say(
                c.names("migrate:fresh") || c.names("db:wipe") || c.names("migrate:reset"),
                "drops all tables",
            )
        },
        "roll back the steps of this launch: migrate:rollback --step",
        "https://laravel.com/docs/12.x/migrations",
    ),
    anywhere(
        &["flyway", "clean"],
        Destroys,
        |_| say(true, "drops every object of the schema"),
        "write an undo migration, or restore the copy",
        "https://www.red-gate.com/hub/product-learning/flyway/flyways-clean-command-explained-simply",
    ),
    anywhere(
        &["python", "manage.py", "flush"],
        Destroys,
        |_| say(true, "removes all data from the database"),
        "migrate back to the migration before this launch",
        "https://docs.djangoproject.com/en/stable/ref/django-admin/#flush",
    ),
    anywhere(
        &["redis-cli"],
        Surprises,
        |c| {
            say(
                c.plain().any(|w| w.eq_ignore_ascii_case("keys")),
                "blocks the server while it looks at every key",
            )
        },
        "use --scan with a --pattern",
        REDIS_KEYS,
    ),
    anywhere(
        &["redis-cli"],
        Destroys,
        |c| {
            let flush = |w: &str| w.eq_ignore_ascii_case("flushall") || w.eq_ignore_ascii_case("flushdb");
            say(c.plain().any(flush), "deletes every key, of everybody who uses this server")
        },
        "delete by pattern, with --scan",
        "https://redis.io/docs/latest/commands/flushall/",
    ),
    way_back(
        &["alembic", "downgrade"],
        Advises,
        |c| say(c.names("-1"), "goes back one migration, whichever is the last"),
        "name the revision to go back to",
        "https://alembic.sqlalchemy.org/en/latest/tutorial.html#relative-migration-identifiers",
    ),
    anywhere(
        &["alembic", "downgrade"],
        Destroys,
        |c| say(c.names("base"), "takes back every migration there is"),
        "name the revision from before this launch",
        "https://alembic.sqlalchemy.org/en/latest/tutorial.html#downgrading",
    ),
];

const PASSWORD: &str = "use an option file, or a login path of mysql_config_editor";
const PIPE: &str = "write set -o pipefail above it, or dump into a file first";

/// A `-p` with nothing behind it.
fn asks_password(command: &Case) -> Option<String> {
    say(command.has(&["-p"]) || command.arguments().any(|w| w == "--password"), "asks for a password")
}

/// A copy that is cut off looks like a whole one: only the last program of a pipe counts.
fn hides_failure(command: &Case) -> Option<String> {
    let careful = |c: &Simple| c.program() == "set" && c.arguments().any(|w| w.contains("pipefail"));
    say(
        command.piped && !command.after(careful),
        "may fail and nothing says so: a pipe ends as its last program does",
    )
}
