//! A command that each rule speaks of, and its like that is well.

use super::*;

/// What is said of a command in a section: level, line and message.
fn said(section: &str, command: &str) -> Vec<String> {
    let text =
        format!("# P\n## {section}\n1. Do it\n   ```bash\n   {}\n   ```\n", command.replace('\n', "\n   "));
    let problems = crate::plan::read(text.as_bytes(), "p").problems;
    problems
        .into_iter()
        .map(|p| format!("{:?} {} {} | {}", p.level, p.line, p.message, p.hint.unwrap_or_default()))
        .collect()
}

/// Level, command, words of the message. The first line unless the message says otherwise.
const SPEAKS: &[(&str, &str, &str)] = &[
    ("Error", "vercel env add ROLLBACK_MODE true\nvercel --prod", "for the name of an environment"),
    ("Error", "vercel --prod --env A=1 B=2", "“B=2” has no --env"),
    ("Warning", "vercel env add A production --value 1\nvercel rollback dpl_1", "no deployment follows"),
    ("Warning", "terraform apply", "asks before"),
    ("Warning", "terraform destroy -target x.y", "asks before"),
    ("Warning", "terraform destroy -auto-approve", "everything the configuration manages"),
    ("Warning", "heroku pg:backups:restore b101 DATABASE_URL -a shop", "name of the app"),
    ("Warning", "gcloud run services delete tax", "asks before it deletes"),
    ("Note", "aws ecs update-service --cluster a --service b", "whatever region"),
    ("Warning", "sudo apt-get install tax=1.2", "asks before it installs"),
    ("Warning", "sudo apt install tax=1.2", "asks before it installs"),
    ("Warning", "kubectl apply -f old.yaml", "context is current"),
    ("Warning", "helm uninstall tax", "context is current"),
    ("Warning", "kubectl --context p -n tax rollout undo deploy/x", "nothing waits for it"),
    ("Warning", "helm --kube-context p rollback tax 3", "nothing waits for it"),
    ("Note", "helm --kube-context p rollback tax --wait", "one revision, whatever"),
    ("Warning", "kubectl --context p delete namespace tax", "everything in the namespace"),
    ("Warning", "kubectl --context p delete ns tax", "everything in the namespace"),
    ("Warning", "docker compose -f prod.yml down -v", "named volumes"),
    ("Warning", "docker-compose down --volumes", "named volumes"),
    ("Warning", "docker system prune", "asks before"),
    ("Warning", "psql prod -f back.sql", "goes on after an error"),
    ("Warning", "psql -h db prod", "somebody to type"),
    ("Warning", "mysql -u root shop", "somebody to type"),
    ("Warning", "mysql -u root -p shop < back.sql", "asks for a password"),
    ("Warning", "mysqldump -p shop > copy.sql", "asks for a password"),
    ("Warning", "mongosh mongodb://db/shop", "somebody to type"),
    ("Warning", "pg_restore -d shop copy.dump", "does not replace"),
    ("Warning", "pg_dump shop | gzip > copy.gz", "may fail and nothing says so"),
    ("Warning", "mysqldump shop | gzip > copy.gz", "may fail and nothing says so"),
    ("Warning", "mongodump --archive | gzip > copy.gz", "may fail and nothing says so"),
    ("Warning", "npx prisma migrate dev", "for development"),
    ("Warning", "npx prisma migrate reset --force", "drops the database"),
    ("Warning", "npx prisma db push", "without a migration"),
    ("Warning", "npx prisma studio", "browser"),
    ("Warning", "php artisan migrate:rollback --step=1", "asks in production"),
    ("Warning", "php artisan migrate:fresh --force", "drops all tables"),
    ("Warning", "flyway clean", "every object"),
    ("Warning", "python manage.py flush --noinput", "removes all data"),
    ("Warning", "redis-cli -h cache KEYS 'tax:*'", "blocks the server"),
    ("Warning", "redis-cli FLUSHALL", "deletes every key"),
    ("Warning", "kubectl --context p exec -it deploy/cache -- redis-cli FLUSHALL", "deletes every key"),
    ("Warning", "ssh web1 'cd /srv/tax && git push --force'", "overwrites"),
    ("Note", "alembic downgrade -1", "whichever is the last"),
    ("Warning", "alembic downgrade base", "every migration"),
    ("Warning", "curl -X POST /api/flags -H \"X: y z\"", "is only a path"),
    ("Warning", "curl https://x.example/health", "even when the server answers 500"),
    ("Warning", "curl https://x.example/flags -d '{\"id\": \"$FLAG\"}'", "“$FLAG” as it is written"),
    ("Warning", "ssh deploy@web1\nsystemctl restart tax", "opens a shell on the other side"),
    ("Warning", "BUILD=/srv/tax\nrm -rf $BUILD/cache", "begins with an unset variable"),
    ("Warning", "cd /srv/tax\nrm -rf ./*", "where the cd above it fails"),
    ("Warning", "sudo echo off > /etc/tax/mode", "opened by you"),
    ("Note", "sed -i 's/on/off/' mode.conf", "GNU sed only"),
    ("Warning", "git push origin main --force", "overwrites"),
    ("Warning", "git revert HEAD", "editor"),
    ("Warning", "git commit -a", "editor"),
    ("Warning", "git rebase -i HEAD~3", "editor"),
    ("Warning", "read -p 'Sure?' answer", "somebody to type"),
    ("Warning", "npm run start", "until it is stopped"),
    ("Warning", "yarn dev", "until it is stopped"),
    ("Warning", "pnpm start", "until it is stopped"),
    ("Warning", "bundle exec rails server", "until it is stopped"),
    ("Warning", "python manage.py runserver", "until it is stopped"),
    ("Warning", "docker compose up", "until it is stopped"),
    ("Warning", "docker-compose up web", "until it is stopped"),
    ("Warning", "docker logs -f tax", "until it is stopped"),
    ("Warning", "tail -f /var/log/x", "until it is stopped"),
    ("Warning", "journalctl -u tax -f", "until it is stopped"),
    ("Warning", "kubectl --context p logs -f deploy/tax", "until it is stopped"),
    ("Warning", "kubectl --context p get pods -w", "until it is stopped"),
    ("Warning", "kubectl --context p port-forward svc/tax 80:80", "until it is stopped"),
    ("Warning", "heroku logs --tail -a shop", "until it is stopped"),
    ("Warning", "aws logs tail tax --follow --region eu-west-1", "until it is stopped"),
    ("Warning", "kubectl --context p exec -it tax -- sh", "somebody to type"),
    ("Warning", "kubectl --context p edit deploy/tax", "opens an editor"),
    ("Warning", "docker exec -it tax sh", "needs a terminal"),
    ("Warning", "vim config.yaml", "takes over"),
    ("Error", "./undo –all", "a dash of a text editor"),
    ("Error", "./undo “all”", "typographic quote"),
    ("Error", "./undo\u{a0}all now", "invisible character"),
    ("Error", "./undo \\ \n  --all", "behind the backslash"),
    ("Error", "db.users.find({a: 1}).count()", "mongo shell"),
    ("Error", "UPDATE flags SET tax = 0 WHERE id = 1;", "of SQL"),
    ("Warning", "psql shop -c 'DELETE FROM events'", "deletes every row"),
    ("Note", "psql shop -c 'DROP TABLE events'", "loses what was written"),
    ("Warning", "./undo --token $UNDO_TOKEN", "nothing in the plan sets"),
];

const SILENT: &[&str] = &[
    "vercel env add ROLLBACK_MODE production --value true\nvercel --prod",
    "vercel --prod --env A=1 --env B=2",
    "terraform apply rollback.tfplan",
    "terraform apply -auto-approve -var v=1",
    "terraform destroy -target x.y -auto-approve",
    "heroku pg:backups:restore b101 DATABASE_URL -a shop --confirm shop",
    "gcloud run services delete tax --quiet",
    "aws ecs update-service --cluster a --region eu-west-1",
    "AWS_PROFILE=prod aws ecs update-service --cluster a",
    "aws s3 sync s3://a s3://b",
    "sudo apt-get -y install tax=1.2",
    "kubectl --context=prod rollout undo deploy/x\nkubectl --context=prod rollout status deploy/x",
    "kubectl config use-context prod\nkubectl apply -f old.yaml",
    "helm --kube-context p rollback tax 3 --wait",
    "kubectl get pods\nkubectl rollout history deploy/x",
    "docker compose down",
    "docker run -v /srv:/srv tax",
    "docker system prune --force",
    "psql prod -v ON_ERROR_STOP=1 -f back.sql",
    "psql prod -c 'SELECT 1'",
    "mysql -u root -e 'SELECT 1'",
    "mysql --defaults-extra-file=x < back.sql",
    "mongosh mongodb://db/shop --eval 'db.a.find()'",
    "pg_restore --clean --if-exists -d shop copy.dump",
    "dropdb shop\ncreatedb shop\npg_restore -d shop copy.dump",
    "set -euo pipefail\npg_dump shop | gzip > copy.gz",
    "pg_dump shop > copy.sql",
    "npx prisma migrate deploy",
    "php artisan migrate:rollback --step=1 --force",
    "php artisan config:cache",
    "flyway undo",
    "redis-cli --scan --pattern 'tax:*'",
    "redis-cli DEL tax:mode",
    "alembic downgrade 3f2a",
    "curl -fsS https://x.example/health",
    "curl --fail https://x.example/health",
    "curl -s https://x.example/health | jq -e .ok",
    "curl -s -o /dev/null -w '%{http_code}' https://x.example/health",
    "curl -X POST https://x.example/flags -d '{\"on\": false}'",
    "curl https://status-page.example/lively/tickets",
    "ssh deploy@web1 'systemctl restart tax'",
    "ssh -i key deploy@web1 <<EOF\nsystemctl restart tax\nEOF",
    "ssh -N -L 5432:db:5432 bastion &",
    "BUILD=/srv/tax\nrm -rf ${BUILD:?}/cache",
    "cd /srv/tax && rm -rf build",
    "echo off | sudo tee /etc/tax/mode",
    "sed -i.bak 's/on/off/' mode.conf",
    "git push --force-with-lease",
    "git commit -am 'push --force is not for us'",
    "git revert --no-edit HEAD",
    "git rebase main",
    "# kubectl get pods",
    "npm ci && npm run build",
    "npm start &",
    "timeout 30 tail -f /var/log/x",
    "tail -n 100 /var/log/x",
    "docker compose up -d",
    "docker logs --tail 100 tax",
    "journalctl -u tax --since today",
    "kubectl --context p logs deploy/tax --tail=100",
    "kubectl --context p exec deploy/tax -- bin/undo -i",
    "docker exec tax bin/undo",
    "kubectl --context p exec -it deploy/tax -- bin/undo --now",
    "kubectl --context p exec deploy/tax -- sh -c 'bin/undo --now'",
    "git log | less",
    "./undo --note \"it’s – done\"",
    "./undo \\\n  --all",
    "echo 'SELECT 1'",
    "psql shop <<SQL\n\\set ON_ERROR_STOP on\nSQL",
    "psql shop -v ON_ERROR_STOP=1 -c 'DELETE FROM events WHERE id = 1'",
    "UNDO_TOKEN=$(cat token)\n./undo --token $UNDO_TOKEN",
    "echo $HOME ${OTHER:-none}",
];

#[test]
fn each_rule_speaks_of_its_command() {
    let mut wrong = Vec::new();
    for (level, command, words) in SPEAKS {
        let found = said("Rollback", command);
        if found.len() != 1 || !found[0].starts_with(level) || !found[0].contains(words) {
            wrong.push(format!("{command}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_leaves_the_careful_alone() {
    let found = SILENT.iter().map(|command| (command, said("Rollback", command)));
    let spoken: Vec<_> = found.filter(|(_, said)| !said.is_empty()).collect();
    assert!(spoken.is_empty(), "{spoken:#?}");
}

/// A rule without an example could be dead.
#[test]
fn no_rule_is_without_an_example_or_a_source() {
    let heard: String = SPEAKS.iter().flat_map(|(_, command, _)| said("Rollback", command)).collect();
    for rule in rules() {
        assert!(heard.contains(rule.hint), "no example for {:?}: {}", rule.tool, rule.hint);
        assert!(rule.source.starts_with("https://"), "{:?}", rule.tool);
    }
    let mut hints: Vec<&str> = rules().map(|r| r.hint).collect();
    let count = hints.len();
    hints.sort_unstable();
    hints.dedup();
    let shared = count - hints.len();
    assert!(count > 60 && shared < 20, "{count} rules, {shared} share a hint");
}

#[test]
fn a_rule_speaks_once_a_procedure_and_softly_elsewhere() {
    let many = "vercel env add A false\nvercel env add B false\nvercel --prod";
    assert_eq!(said("Rollback", many).len(), 1);
    assert_eq!(said("Deployment steps", "kubectl apply -f x.yaml"), [""; 0]);
    for (command, level) in [("npm start", "Note"), ("vercel env add A false\nvercel --prod", "Error")] {
        let found = said("Deployment steps", command);
        assert!(found.len() == 1 && found[0].starts_with(level), "{found:?}");
    }
}

#[test]
fn sql_is_read_in_its_own_fences() {
    let text = "# P\n## Rollback\n1. Undo\n   ```sql\n   -- back\n   UPDATE flags SET tax = 0;\n   ```\n";
    let problems = crate::plan::read(text.as_bytes(), "p").problems;
    assert!(problems.len() == 1 && problems[0].line == 6, "{problems:?}");
}

#[test]
fn lines_are_those_of_the_plan() {
    let found = said("Rollback", "cat <<EOF\nrm -rf $A/x\nEOF\n\ngit push \\\n  --force");
    assert!(found.len() == 1 && found[0].starts_with("Warning 9 "), "{found:?}");
}
