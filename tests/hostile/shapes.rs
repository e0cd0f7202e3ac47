//! Documents made to be slow: each shape repeats one thing until the wanted size is reached.
//!
//! Used by the growth test beside this file and by `benches/reading.rs`.

/// A name and what makes a document of about so many bytes.
pub struct Shape {
    /// What it repeats.
    pub name: &'static str,
    make: fn(usize) -> String,
}

impl Shape {
    /// The document, at most `bytes` long.
    pub fn make(&self, bytes: usize) -> Vec<u8> {
        let mut text = (self.make)(bytes);
        let mut end = bytes.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.into_bytes()
    }
}

/// Every shape.
pub fn all() -> Vec<Shape> {
    SHAPES.iter().map(|(name, make)| Shape { name, make: *make }).collect()
}

type Make = fn(usize) -> String;

const SHAPES: &[(&str, Make)] = &[
    // Blocks.
    ("nested lists", |n| fill(n, "# P\n", |i| format!("{}- [ ] task {i} of all\n", "  ".repeat(i % 30)))),
    ("nested quotes", |n| fill(n, "# P\n", |i| format!("{} text {i}\n\n", ">".repeat(1 + i % 60)))),
    ("one list without end", |n| fill(n, "## Phase 1: x\n", |i| format!("- entry {i}\n"))),
    ("loose list", |n| fill(n, "## Phase 1: x\n", |i| format!("- entry {i}\n\n  more of it\n\n"))),
    ("lazy paragraph", |n| fill(n, "- a\n", |i| format!("word {i} error rate > 5%\n"))),
    ("headings", |n| fill(n, "# P\n", |i| format!("{} Section {i}\n", "#".repeat(1 + i % 6)))),
    ("the same heading", |n| fill(n, "# P\n", |_| "## Rollback Plan\n- step\n".to_owned())),
    ("setext", |n| fill(n, "# P\n", |i| format!("Title {i}\n---\n"))),
    ("bold labels", |n| fill(n, "# P\n", |i| format!("**Label {i}:**\n- entry\n\n"))),
    ("bold lines", |n| fill(n, "# P\n\n", |i| format!("**Point {i}:** some words\n"))),
    ("wide table", |n| wide_table(n / 3)),
    ("long table", |n| fill(n, "| a | b |\n|---|---|\n", |i| format!("| [ ] | task {i} |\n"))),
    ("limit table", |n| {
        let head = "## Alerts\n\n| Metric | Target | Warning | Critical |\n|---|---|---|---|\n";
        fill(n, head, |i| format!("| latency {i} | < {i} ms | > 5% | > 10% |\n"))
    }),
    ("tables", |n| fill(n, "## Alerts\n", |i| format!("\n| Metric | Limit |\n|---|---|\n| m{i} | < 5% |\n"))),
    ("ragged table", |n| {
        fill(n, &format!("{}\n{}\n", "|a".repeat(24), "|-".repeat(24)), |_| "|x\n".to_owned())
    }),
    ("unclosed fences", |n| fill(n, "# P\n", |i| format!("{}x\n", "`".repeat(3 + i % 40)))),
    ("fences", |n| fill(n, "## Rollback\n", |i| format!("```bash\ncurl https://a.b/{i}\n```\n"))),
    ("one fence of commands", |n| {
        fill(n, "## Rollback\n```bash\n", |i| format!("curl -X POST https://a.b/{i} # do\n"))
    }),
    ("one fence of comments", |n| fill(n, "## Rollback\n```bash\n", |i| format!("# {i}. Step\nkubectl x\n"))),
    ("continued command", |n| fill(n, "## Rollback\n```bash\ncurl ", |i| format!("-H 'a: {i}' \\\n"))),
    ("one command", |n| fill(n, "## Rollback\n```bash\ncurl ", |i| format!("-H 'a: {i}' <b{i}> $C{i} "))),
    ("quoted command", |n| fill(n, "## Rollback\n```bash\n", |_| "\"'$(`\\".to_owned())),
    ("heredocs", |n| fill(n, "## Rollback\n```bash\n", |i| format!("cat <<E{i}\nx\n"))),
    ("html blocks", |n| fill(n, "# P\n", |i| format!("<div>\n{i}\n\n<!-- x\n"))),
    ("html inlines", |n| fill(n, "# P\n", |_| "<a ".to_owned())),
    ("open comments", |n| fill(n, "# P\n", |_| "x <!-- ".to_owned())),
    ("processing", |n| fill(n, "a", |_| "<?".to_owned())),
    ("declarations", |n| fill(n, "a", |_| "<!A ".to_owned())),
    ("cdata", |n| fill(n, "a", |_| "<![CDATA[".to_owned())),
    ("link definitions", |n| fill(n, "# P\n\n", |i| format!("[a{i}]: https://a.b/{i}\n"))),
    ("reference links", |n| fill(n, "# P\n\n[a]: https://a.b/c\n\n", |_| "[a][a] ".to_owned())),
    ("amplified references", |n| {
        let url = "u".repeat(n / 2);
        fill(n, &format!("[a]: {url}\n\n"), |_| "[a]\n".to_owned())
    }),
    ("footnotes", |n| fill(n, "# P\n\n", |i| format!("[^{i}] x [^{i}]: y\n\n"))),
    ("front matter", |n| fill(n, "---\n", |i| format!("key{i}: value\n"))),
    // Inlines.
    ("open brackets", |n| fill(n, "", |_| "[".to_owned())),
    ("brackets and parens", |n| fill(n, "", |_| "[a](".to_owned())),
    ("images", |n| fill(n, "", |_| "![[]()".to_owned())),
    ("nested links", |n| format!("{}a{}", "[".repeat(n / 6), "](b)".repeat(n / 6))),
    ("emphasis", |n| fill(n, "", |_| "*a **b ".to_owned())),
    ("nested emphasis", |n| format!("{}a{}", "*".repeat(n / 2), "*".repeat(n / 2 - 1))),
    ("mixed emphasis", |n| fill(n, "", |_| "_a __b *".to_owned())),
    ("struck", |n| fill(n, "", |_| "~~a ~b ".to_owned())),
    ("backticks", |n| fill(n, "", |i| format!("{} ", "`".repeat(1 + i % 200)))),
    ("code spans", |n| fill(n, "", |i| format!("`flag_{i}` = on "))),
    ("code spans in a flag section", |n| fill(n, "## Feature flags\n- ", |i| format!("`flag_{i}` to `x` "))),
    ("code spans by line", |n| fill(n, "## Feature flags\n", |i| format!("- `flag_{i}` = true in `x`\n"))),
    ("entities", |n| fill(n, "", |_| "&amp;&#65;&x".to_owned())),
    ("escapes", |n| fill(n, "", |_| "\\*\\[".to_owned())),
    ("auto links", |n| fill(n, "", |i| format!("<https://a.b/{i}> "))),
    ("soft breaks", |n| fill(n, "", |_| "a\n".to_owned())),
    ("hard breaks", |n| fill(n, "", |_| "**a** b  \n".to_owned())),
    ("strong in one entry", |n| fill(n, "- ", |_| "**a** ".to_owned())),
    // Characters.
    ("one line", |n| fill(n, "# P\n\n", |i| format!("{i} "))),
    ("one word", |n| fill(n, "# P\n\n- [ ] ", |_| "a".to_owned())),
    ("one heading", |n| fill(n, "# ", |i| format!("Phase {i} "))),
    ("digits", |n| fill(n, "- error rate > ", |_| "1".to_owned())),
    ("thousands", |n| fill(n, "- error rate > 1", |_| ",000".to_owned())),
    ("dots", |n| fill(n, "- x > 1", |_| ".1".to_owned())),
    ("zero width", |n| fill(n, "- [ ] a", |_| "\u{200b}\u{200d}".to_owned())),
    ("combining", |n| fill(n, "- [ ] a", |_| "\u{301}\u{fe0f}".to_owned())),
    ("apostrophes", |n| fill(n, "- [ ] ", |_| "a''".to_owned())),
    ("growing case", |n| fill(n, "- error rate > 5% ", |_| "İȺ".to_owned())),
    ("mojibake", |n| fill(n, "", |_| "âœ…".to_owned())),
    ("lost mojibake", |n| fill(n, "", |_| "âŒ".to_owned())),
    ("mojibake leads", |n| fill(n, "", |_| "Ãð".to_owned())),
    ("lone carriage returns", |n| fill(n, "", |i| format!("- [ ] a{i}\r"))),
    ("nul", |n| fill(n, "", |_| "\0a".to_owned())),
    ("spaces", |n| fill(n, "- a", |_| " ".to_owned())),
    ("tabs", |n| fill(n, "", |_| "\t- \n".to_owned())),
    ("blank lines", |n| fill(n, "- a", |_| "\n".to_owned())),
    ("wide script", |n| fill(n, "## 監視\n- ", |_| "エラー率が5%以上5分間継続".to_owned())),
    ("wide headings", |n| fill(n, "# P\n", |_| "## 監視と警告とロールバック手順\n".to_owned())),
    ("own ids", |n| fill(n, "# P\n", |_| "- [ ] a {#a}\n".to_owned())),
    ("own ids in a line", |n| fill(n, "- [ ] ", |_| "{#a".to_owned())),
    // What plans say.
    ("percents", |n| fill(n, "## Alerts\n- ", |_| "5 % ".to_owned())),
    ("limits in a line", |n| fill(n, "## Alerts\n- ", |_| "error rate > 5% for 5 min or ".to_owned())),
    ("limits by line", |n| {
        fill(n, "## Alerts\n", |i| format!("- P1: error rate {} > {i}% for 5 min\n", i % 9))
    }),
    ("limits of one metric", |n| fill(n, "## Alerts\n", |i| format!("- P1: Error rate > {i}%\n"))),
    ("ranges", |n| fill(n, "## Alerts\n- latency ", |i| format!("{i}-{}ms, ", i + 5))),
    ("spans", |n| fill(n, "## Alerts\n- errors > 5% ", |_| "for 5 minutes ".to_owned())),
    ("comparators", |n| fill(n, "## Alerts\n- a", |_| " > < ≥ ≤ >= ".to_owned())),
    ("commas", |n| fill(n, "## Alerts\n- a > 5", |_| ", or ".to_owned())),
    ("phases", |n| fill(n, "# P\n", |i| format!("## Phase {i}: Rollout to {i}% (Day {i})\n- [ ] go\n"))),
    ("one phase again", |n| fill(n, "# P\n", |i| format!("## Phase 1: Rollout {i}\n- [ ] go\n"))),
    ("days", |n| fill(n, "# P\n", |i| format!("## Day {i}\n- [ ] go\n"))),
    ("sub-phases", |n| fill(n, "# P\n## Phase 1: x\n", |i| format!("### 1.{i} Part\n- [ ] go\n"))),
    ("phase table", |n| {
        fill(n, "## Rollout\n\n| Phase | When | Users |\n|---|---|---|\n", |i| {
            format!("| Phase {i} | Day {i} | {i}% |\n")
        })
    }),
    ("bulleted phases", |n| {
        fill(n, "## Rollout phases\n", |i| format!("- **{}% Rollout**: Day {i}\n", i % 100))
    }),
    ("time blocks", |n| fill(n, "# P\n", |i| format!("### T-{i}h\n- Owner: a\n- Action: b\n"))),
    ("rungs", |n| fill(n, "## Rollout\n", |i| format!("{i}. {}% of users\n", i % 100))),
    ("rungs in a line", |n| fill(n, "## Rollout\n- ", |_| "5% → 25% → ".to_owned())),
    ("flags in phases", |n| fill(n, "# P\n", |i| format!("## Phase {i}: x\n- `new_flow_{}` = on\n", i % 7))),
    ("flag table", |n| {
        fill(n, "## Feature flags\n\n| Flag | Default |\n|---|---|\n", |i| {
            format!("| `new_flow_{i}` | off |\n")
        })
    }),
    ("flags with a condition", |n| {
        let spans = fill(n / 2, "## Feature flags\n- ", |i| format!("`new_flow_{i}` = on "));
        spans + "(if " + &"x".repeat(n / 2)
    }),
    ("endpoints in a line", |n| fill(n, "## Health checks\n- ", |i| format!("`GET /health/{i}` "))),
    ("endpoints in a row", |n| {
        fill(n, "## Health checks\n\n| a | b |\n|---|---|\n", |i| {
            format!("| `/health/{i}` | `/status/{i}` |\n")
        })
    }),
    ("flag prose", |n| fill(n, "## Feature flags\n\n", |i| format!("Set the flag `new_flow_{i}` to true. "))),
    ("json", |n| {
        format!(
            "## Feature flags\n```json\n{}\n",
            fill(n, "{\"flags\":{", |i| format!("\"new_flow_{i}\": true,\n"))
        )
    }),
    ("nested json", |n| format!("## Feature flags\n```json\n{}\n", "{\"flags\":".repeat(n / 9))),
    ("nested arrays", |n| format!("## Alerts\n```json\n{}\n", "[".repeat(n))),
    ("nested yaml", |n| {
        let head = "## Feature flags\n```yaml\nflags:\n";
        fill(n, head, |i| format!("{}k{i}:\n", " ".repeat(1 + i % 200)))
    }),
    ("deeper yaml", |n| {
        let head = "## Feature flags\n```yaml\nflags:\n";
        fill(n, head, |i| format!("{}k:\n", " ".repeat(1 + i)))
    }),
    ("yaml alerts", |n| {
        fill(n, "## Alerts\n```yaml\n", |i| format!("- alert: A{i}\n  expr: rate(x[5m]) > {i}\n  for: 5m\n"))
    }),
    ("yaml thresholds", |n| {
        fill(n, "## Alerts\n```yaml\n", |i| format!("rate_{i}_threshold: {i}%\nrate_{i}_window: 5m\n"))
    }),
    ("procedures", |n| fill(n, "# P\n", |i| format!("## Rollback {i}\n1. step `git revert {i}`\n"))),
    ("steps", |n| fill(n, "## Rollback\n", |i| format!("{i}. Do `kubectl rollout undo {i}`\n"))),
    ("calls", |n| {
        let half = fill(n / 2, "# P\n", |i| format!("## Rollback {i}: name of {i}\n1. a\n"));
        half + &fill(n / 2, "\n## Rollback triggers\n", |i| {
            format!("- Error rate > {i}%: run rollback {i}: name of {i}\n")
        })
    }),
    ("calls in a line", |n| {
        let half = fill(n / 2, "# P\n", |i| format!("## Rollback of part {i}\n1. a\n"));
        half + &fill(n / 2, "\n## Rollback triggers\n- ", |i| format!("rollback of part {i} if "))
    }),
    ("triggers", |n| fill(n, "## Rollback triggers\n", |i| format!("- Data corruption {i} detected\n"))),
    ("rollback points", |n| {
        fill(n, "# P\n", |i| format!("**Rollback Point {i}:** If it fails, roll back\n\n"))
    }),
    ("metrics", |n| fill(n, "## Monitoring\n", |i| format!("- latency of part {i}\n"))),
    ("aliases", |n| fill(n, "## Monitoring\n", spelt_otherwise)),
    ("endpoints", |n| fill(n, "## Health checks\n", |i| format!("- `GET /health/{i}`\n"))),
    ("log lines", |n| fill(n, "## Logs to watch\n", |i| format!("- \"error {i} in x\"\n"))),
    ("contacts", |n| fill(n, "## Contacts\n", |i| format!("- **Role {i}**: Name {i}, +49 30 {i}\n"))),
    ("sign-offs", |n| fill(n, "## Sign-off\n", |i| format!("- [ ] **Role {i}**: ____\n"))),
    ("messages", |n| {
        fill(n, "## Communication\n", |i| format!("- **{}:00 AM:** note {i} to all\n", 1 + i % 11))
    }),
    ("channels", |n| fill(n, "## Communication\n", |i| format!("- Slack #channel-{i}\n"))),
    ("channels in a line", |n| fill(n, "## Communication\n- ", |i| format!("#channel-{i} "))),
    ("templates", |n| fill(n, "# P\n", |i| format!("## Template {i}\n```\nDear [name {i}]\n```\n"))),
    ("one template", |n| fill(n, "## Message template\n```\n", |i| format!("[name {i}] {{{{x}}}} "))),
    ("quoted template", |n| fill(n, "## Message template\n", |i| format!("> Dear [name {i}]\n>\n"))),
    ("risks", |n| {
        fill(n, "## Risks\n", |i| format!("### Risk {i}: x\n- **Impact**: High\n- **Mitigation**: y\n"))
    }),
    ("follow-ups", |n| {
        fill(n, "# P\n## Phase 1 (Week 1)\n## After launch\n", |i| format!("### Week {i}\n- review {i}\n"))
    }),
    ("severities", |n| {
        fill(n, "## Severity levels\n", |i| format!("### P{}: Critical {i}\n- Response: 5 min\n", i % 5))
    }),
    ("escalations", |n| {
        fill(n, "## Incident response\n", |i| {
            format!("- Escalate to {i} if not acknowledged within 5 minutes\n")
        })
    }),
    ("scenarios", |n| {
        fill(n, "## Incident scenarios\n", |i| {
            format!("### Scenario {i}\n**Symptoms:**\n- a\n**Actions:**\n1. b\n")
        })
    }),
    ("stopped parts", |n| fill(n, "## Alerts\n", |i| format!("- P1: part {i} stopped or no part {i}\n"))),
    ("done headings", |n| fill(n, "# P\n", |i| format!("{} Part {i} ✅\n- [ ] a\n", "#".repeat(1 + i % 6)))),
    ("vocabulary", |n| fill(n, "# P\n", |i| format!("## {}\n- {} > 5%\n", word(i), word(i * 7)))),
    ("vocabulary in a heading", |n| fill(n, "## ", |i| format!("{} ", word(i)))),
    ("vocabulary in an entry", |n| fill(n, "## Alerts\n- ", |i| format!("{} ", word(i)))),
    // Plans, only longer.
    ("a plan of many items", many_items),
    ("dated headings", |n| fill(n, "# P\n", dated_part)),
    ("dated headings and no phase", |n| {
        fill(n, "# P\n## Rollout\n", |i| format!("### Step {i} at 10:00\n\ntext\n\n"))
    }),
    ("homes of phases", |n| fill(n, "# P\n", |i| format!("## Rollout {i}\n\nSome words.\n\n"))),
    ("labels glued to lists", |n| fill(n, "# P\n## Phase 1: x\n", glued_part)),
    ("sections of everything", |n| fill(n, "# P\n", any_part)),
    ("limits that contradict", |n| fill(n, "# P\n", contradicting_part)),
    ("procedures with blanks", |n| fill(n, "# P\n", blank_part)),
    ("problems", |n| {
        fill(n, "# P\n## Rollback\n", |i| format!("1. `git checkout <commit-{i}>` at 9:00 AM\n"))
    }),
    ("marked lines", |n| fill(n, "# P\n## Launch\n", |i| format!("☐ item {i} of the launch\n"))),
    ("plain entries under headings", |n| {
        fill(n, "# P\n", |i| format!("### Part {i} (10:30 UTC)\n- entry {i}\n- entry b\n"))
    }),
    ("entries with a lead", |n| fill(n, "## Rollout\n", |i| format!("- **Point {i}**: some words of it\n"))),
    ("numbered entries", |n| fill(n, "# P\n", |i| format!("{i}. Do the part {i} of it\n"))),
    ("rows of a run sheet", |n| {
        let head = "## Cutover\n\n| Time | Who | Action | Done |\n|---|---|---|---|\n";
        fill(n, head, |i| format!("| T+{i}m | Ada | Switch part {i} on | [ ] |\n"))
    }),
];

/// `head`, then `part(0)`, `part(1)` and so on.
fn fill(bytes: usize, head: &str, part: impl Fn(usize) -> String) -> String {
    let mut out = head.to_owned();
    for i in 0.. {
        if out.len() >= bytes {
            break;
        }
        let more = part(i);
        assert!(!more.is_empty(), "a part has to fill");
        out += &more;
    }
    out
}

/// A day of a plan that gives days and no phases, with a label glued to a list and a table.
fn dated_part(i: usize) -> String {
    format!(
        "## Part {i} (Day {i}, 10:00 UTC)\n\n- entry {i}\n- another of it\n**Checks {i}:** look\n- error rate < {}%\n\n\
         | Step | Owner | Time |\n|---|---|---|\n| do {i} | Ada | 10:{:02} |\n\n",
        1 + i % 9,
        i % 60
    )
}

/// Lines in bold that Markdown takes for a part of the entry above.
fn glued_part(i: usize) -> String {
    format!("- entry {i}\n- [ ] task {i}\n**Label {i}:** and words\n- below it\n")
}

/// Every kind of section that a plan has, again and again.
fn any_part(i: usize) -> String {
    match i % 9 {
        0 => format!("## Phase {}: Wave {i} (Day {i}, {}%)\n\n- [ ] Switch part {i}\n\n", 1 + i / 9, i % 100),
        1 => "### Success criteria\n\n- [ ] Error rate < 1% for 5 minutes\n- Latency p95 < 200 ms\n\n"
            .to_owned(),
        2 => format!("### Rollback {i}\n\n1. Off\n\n```bash\nkubectl rollout undo deploy/part-{i}\n```\n\n"),
        3 => format!("### Flags {i}\n\n- `new_flow_{i}` = off\n- `old_flow_{i}`: on\n\n"),
        4 => format!(
            "### Alerts {i}\n\n| Metric | Warning | Critical |\n|---|---|---|\n| errors {i} | > 1% | > 2% |\n\n"
        ),
        5 => {
            format!("### Communication {i}\n\n- **10:00 AM:** tell #channel-{i}\n- **Status:** page {i}\n\n")
        }
        6 => format!("### Contacts {i}\n\n| Role | Name |\n|---|---|\n| DBA {i} | Ada {i} |\n\n"),
        7 => format!("### Risks {i}\n\n- **Risk {i}**: data is lost\n- **Mitigation**: backup {i}\n\n"),
        _ => format!("### Verification {i}\n\n- `GET /health/{i}`\n- Logs show \"part {i} started\"\n\n"),
    }
}

/// The limits of a metric, each with another value.
fn contradicting_part(i: usize) -> String {
    format!(
        "## Alerts {i}\n\n- P1: Error rate > {}%\n- P{}: Latency of part {} > {} ms for 5 min\n\n",
        1 + i % 90,
        i % 3,
        i % 50,
        100 + i % 900
    )
}

/// A way back with commands that cannot be run as they stand.
fn blank_part(i: usize) -> String {
    format!(
        "## Rollback of part {i}\n\n1. Stop part {i}\n2. Take it back\n\n```bash\nkubectl rollout undo deploy/<part-{i}>\n\
         curl -X POST $HOST/parts/{i} # later\nrm -rf $DIR/part-{i}\n```\n\n"
    )
}

fn wide_table(bytes: usize) -> String {
    let columns = bytes / 4;
    let row = |cell: &str| format!("|{}\n", format!("{cell}|").repeat(columns));
    row(" a ") + &row("---") + &row("< 5")
}

/// One metric in as many spellings as there are.
fn spelt_otherwise(i: usize) -> String {
    let case = |(at, c): (usize, char)| if i >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
    format!("- {}\n", "error rate of all".chars().enumerate().map(case).collect::<String>())
}

fn word(i: usize) -> &'static str {
    const WORDS: &[&str] = &[
        "rollback",
        "phase",
        "alert",
        "threshold",
        "success criteria",
        "monitoring",
        "communication",
        "risk",
        "contacts",
        "sign-off",
        "feature flags",
        "deployment",
        "verification",
        "pre-flight",
        "after launch",
        "daily",
        "incident",
        "severity",
        "endpoint",
        "logs",
        "template",
        "schedule",
        "error rate",
        "latency",
        "if",
        "when",
        "for",
        "per",
        "every",
        "within",
        "at least",
        "no more than",
        "exceeds",
        "drops below",
        "Rücknahme",
        "Überwachung",
        "retour arrière",
        "reversión",
        "reversão",
        "監視",
        "回滚",
        "롤백",
    ];
    WORDS[i % WORDS.len()]
}

/// A plan as a careful team writes it, of any length: about 20,000 items in a megabyte.
pub fn many_items(bytes: usize) -> String {
    fill(bytes, "# Launch of everything\n\n", |i| match i % 20 {
        0 => format!("## Phase {}: Rollout to {}% (Day {})\n\n", 1 + i / 20, i % 100, 1 + i / 20),
        1 => format!("### {}.1 Deployment\n\n", 1 + i / 20),
        17 => format!("\n**Success criteria:**\n- Error rate of part {i} < {}%\n", 1 + i % 9),
        18 => format!("- Latency of part {i} < {} ms for 5 minutes\n", 100 + i),
        19 => format!("\n**Rollback if:**\n- Error rate > {}% for 5 minutes\n\n", 1 + i % 9),
        _ => format!("- [ ] Deploy service {i} and look at it\n"),
    })
}
