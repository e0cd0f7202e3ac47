use std::path::PathBuf;

use super::diagnose::{self, Findings};
use super::look::Look;
use super::*;
use crate::text::width;

const PLAIN: Look = Look { columns: Some(80), colour: false, unicode: true };

/// The problems of a plan as they are shown.
fn shown(text: &[u8], look: Look) -> String {
    let plan = plan::read(text, "p");
    let lines = plan.text.lines().collect();
    diagnose::told(&[Findings { name: "p.md", lines, problems: &plan.problems }], &look)
}

fn of_binding(plan: &str, binding: &str) -> Bound {
    let plan = plan::read(plan.as_bytes(), "p");
    Bound { path: Some(PathBuf::from("warroom.toml")), ..Bound::of(binding.to_owned(), &plan) }
}

#[test]
fn a_contradiction_shows_both_lines_with_a_label_each() {
    let page = shown(b"# P\n## Alerts\n- P1: Error rate > 5%\n- P1: Error rate > 7%\n", PLAIN);
    insta::assert_snapshot!(page, @r"
      warning: Error rate has two limits: > 7% here, > 5% on line 3
       ╭─[p.md:4:18]
     3 │ - P1: Error rate > 5%
       ·                  ──┬─
       ·                    ╰── > 5% here
     4 │ - P1: Error rate > 7%
       ·                  ──┬─
       ·                    ╰── > 7% here
       ╰────
      help: say which one holds, or name what tells them apart

    1 warning
    ");
}

#[test]
fn many_of_one_kind_are_a_list() {
    let sections: String = (1..5).map(|n| format!("## Part {n} ✅\n- [ ] a\n- [ ] b\n")).collect();
    let page = shown(format!("# P\n{sections}").as_bytes(), PLAIN);
    insta::assert_snapshot!(page, @r"
      warning: the heading claims done, but 2 tasks below it are open
       ╭─[p.md:2:11]
     2 │ ## Part 1 ✅
       ·           ──
     3 │ - [ ] a
       ·   ──┬──
       ·     ╰── the first that is open
       ╰────
      help: a mark in a heading never counts; tick the tasks or remove it
      and the same 3 times more:
         5 │ ## Part 2 ✅
         8 │ ## Part 3 ✅
        11 │ ## Part 4 ✅

    4 warnings
    ");
}

#[test]
fn of_the_whole_document_there_is_no_line() {
    insta::assert_snapshot!(shown(b"# P\r\ntext\r\n", PLAIN), @r"
      note: lines end in CRLF
       ╰─[p.md]
      help: harmless; `dos2unix` removes it

    1 note
    ");
}

#[test]
fn ascii_where_the_terminal_has_no_more() {
    let page = shown(
        b"# P\n## Alerts\n- P1: Error rate > 5%\n- P1: Error rate > 7%\n",
        Look { unicode: false, ..PLAIN },
    );
    assert!(page.is_ascii(), "{page}");
}

/// The underlined part of each line shown, by columns of the terminal.
fn underlined(page: &str) -> Vec<String> {
    let lines: Vec<&str> = page.lines().collect();
    let marked = lines
        .windows(2)
        .filter(|w| w[0].contains(" │ ") && w[1].contains(" · ") && w[1].contains(['─', '┬', '▲']));
    marked
        .map(|w| {
            let is_mark = |c: char| "─┬▲".contains(c);
            let from = width(&w[1][..w[1].find(is_mark).unwrap()]);
            let to = width(w[1].trim_end());
            let (mut at, mut part) = (0, String::new());
            for c in w[0].chars() {
                if (from..to).contains(&at) {
                    part.push(c);
                }
                at += width(c.encode_utf8(&mut [0; 4]));
            }
            part
        })
        .collect()
}

#[test]
fn the_mark_stays_under_its_words_whatever_stands_before() {
    for before in [
        "",
        "\t",
        "日本語",
        "🚀 ",
        "👩‍👩‍👧 ",
        "e\u{301}",
        "a\u{1b}[31m",
        "\u{202e}x",
        "\u{9b}2J",
        "\u{200b}",
        "x\u{7}",
        "é ⚠\u{fe0f} ",
        "\u{e2}\u{153}\u{2026} ",
        "<U+202E>",
        "ﾊﾟ",
        "\u{feff}",
    ] {
        let text = format!("# P\n## Rollback\n```bash\necho {before}; vim x.yaml\n```\n");
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let page = shown(text.as_bytes(), PLAIN);
            assert!(underlined(&page).contains(&"vim x.yaml".to_owned()), "{before:?}: {page}");
            let bad = page
                .chars()
                .find(|c| c.is_control() && *c != '\n' || "\u{202e}\u{200b}\u{feff}".contains(*c));
            assert_eq!(bad, None, "{before:?}: {page}");
        }
    }
}

#[test]
fn a_long_line_is_cut_around_the_words() {
    for (before, behind) in [(0, 500), (500, 0), (500, 500), (70, 70), (15_000, 15_000)] {
        let text = format!(
            "# P\n## Rollback\n```bash\necho {}; vim x.yaml; echo {}\n```\n",
            "日".repeat(before),
            "b".repeat(behind)
        );
        let page = shown(text.as_bytes(), PLAIN);
        assert!(underlined(&page).contains(&"vim x.yaml".to_owned()), "{before} {behind}: {page}");
        let widest = page.lines().map(width).max();
        assert!(widest <= Some(80), "{before} {behind}: {widest:?} {page}");
    }
}

#[test]
fn hostile_words_of_a_plan_reach_no_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m";
    let text = format!(
        "# {evil}P\n## {evil} Phase 1: {evil} (Day 1) ✅\n- [ ] {evil}\n{evil} prose\n## Rollback {evil}\n```sh\nvercel rollback [{evil}x]\n```\n"
    );
    let plan = plan::read(text.as_bytes(), evil);
    let bound = of_binding(&text, &format!("[[signal]]\nname = \"{}\"\n", evil.replace('\u{1b}', "")));
    let all = [
        Findings { name: evil, lines: bound.text.lines().collect(), problems: &bound.problems },
        Findings { name: evil, lines: plan.text.lines().collect(), problems: &plan.problems },
    ];
    assert!(!bound.problems.is_empty() && !plan.problems.is_empty());
    for page in [long(&plan, &all, &bound, PLAIN), diagnose::short(&all)] {
        let bad = page.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(bad, None, "{page}");
    }
}

const PLAN: &str = "# P\n## Alerts\n- Error rate > 5%\n- Latency > 500 ms\n## Flags\n- `PAY_ENABLED=false`\n";

const GOOD: &str = "\
[[source]]
name = \"prom\"
kind = \"prometheus\"
url = \"http://127.0.0.1:9090\"

[[signal]]
name = \"error rates\"
source = \"prom\"
query = \"rate(errors[5m])\"
";

#[test]
fn what_is_bound_is_said_and_by_what() {
    let (plan, bound) = (plan::read(PLAN.as_bytes(), "p"), of_binding(PLAN, GOOD));
    assert_eq!(bound.problems, []);
    let lines: Vec<&str> = plan.text.lines().collect();
    let page = page::told(&plan, "p.md", &lines, &bound, PLAIN);
    let of = |name: &str| page.lines().find(|l| l.contains(name)).unwrap_or_default().to_owned();
    assert!(of("Error rate ").ends_with("<- prom: rate(errors[5m])"), "{page}");
    assert!(of("Latency ").ends_with("by hand"), "{page}");
    assert!(page.contains("warroom.toml binds 1 of 2 limits, 0 of 1 flags"), "{page}");
}

#[test]
fn what_is_wrong_with_a_binding_has_its_place_there() {
    let flag = "[[flag]]\nname = \"PAY_ENABLE\"\nread = \"http://a\"\nwrite = \"http://a\"\n";
    for (binding, line, words, said) in [
        (format!("{GOOD}quary = 1\n"), 10, "quary", "unknown field `quary`"),
        (GOOD.replace("source = \"prom\"", "source = \"none\""), 8, "\"none\"", "there is no source none"),
        (GOOD.replace("error rates", "eror rate"), 7, "\"eror rate\"", "no metric “eror rate”"),
        (format!("{GOOD}{flag}"), 11, "\"PAY_ENABLE\"", "no flag “PAY_ENABLE”"),
        (GOOD.split("[[signal]]").next().unwrap_or("").to_owned(), 2, "\"prom\"", "no signal asks"),
        ("[[source]\n".to_owned(), 1, "", ""),
    ] {
        let bound = of_binding(PLAN, &binding);
        let problem = bound
            .problems
            .iter()
            .find(|p| p.message.contains(said))
            .unwrap_or_else(|| panic!("{:?}", bound.problems));
        let text = binding.lines().nth(problem.line - 1).unwrap();
        let pointed: String = text.chars().skip(problem.column.max(1) - 1).take(problem.len).collect();
        assert_eq!(problem.line, line, "{problem:?}");
        assert!(words.is_empty() || pointed == words, "{pointed:?} {problem:?}");
    }
    let bound = of_binding(PLAN, &GOOD.replace("error rates", "eror rate"));
    assert_eq!(bound.problems[0].hint.as_deref(), Some("did you mean “Error rate”?"));
}

#[test]
fn thousands_of_problems_are_shown_soon() {
    let text: String = (0..20_000).map(|n| format!("- a line with the number {n}\n")).collect();
    let problem = |line: usize| Problem {
        line,
        column: 3,
        len: 6,
        ..Problem::new(Level::Note, 0, format!("line {line}"), "none")
    };
    let problems: Vec<Problem> = (1..=20_000).map(problem).collect();
    let started = std::time::Instant::now();
    let page = diagnose::told(
        &[Findings { name: "p.md", lines: text.lines().collect(), problems: &problems }],
        &PLAIN,
    );
    assert!(page.contains("the same 19999 times more") && page.contains("20000 notes"), "{}", &page[..400]);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
