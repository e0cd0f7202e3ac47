//! A report as one HTML file that needs nothing else: no script, no request, no font. It reads well on a
//! phone, in the dark and on paper. Every text from outside goes through [`esc`].

mod chart;
mod style;
mod timeline;

use super::account::{Account, Figure, Tone};
use super::page::{Block, Cell, Look, Section, sections};
use super::words::moment;
use crate::text::clean;

/// So many characters of a cell are not broken.
const SHORT: usize = 18;

/// The report as a page.
pub fn html(account: &Account) -> String {
    let kind = if account.rehearsal { "Rehearsal report" } else { "Launch report" };
    let title = esc(&account.title);
    let sections = sections(account);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"warroom\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{kind}: {title}</title>\n\
         <style>\n{}</style>\n</head>\n<body>\n",
        style::sheet()
    );
    page += &head(account, kind);
    page += "<main>\n";
    page += &summary(account);
    page += &timeline::section(account);
    page += &contents(&sections);
    let mut charts = 0;
    sections.iter().for_each(|s| page += &section(account, s, &mut charts));
    page += "</main>\n</body>\n</html>\n";
    page
}

fn head(account: &Account, kind: &str) -> String {
    let zone = account.tz();
    let t0 = account.t0.map_or("not set".to_owned(), |t0| moment(t0, zone));
    format!(
        "<header>\n<p class=\"kind\">{kind}</p>\n<h1>{}</h1>\n<p class=\"meta\">Room {}, {}. T0 {}. \
         All times in {}. Made {}.</p>\n</header>\n",
        esc(&account.title),
        esc(&account.room),
        esc(&account.environment),
        esc(&t0),
        esc(&account.zone),
        esc(&moment(account.made, zone)),
    )
}

fn summary(account: &Account) -> String {
    let told = &account.summary;
    let mut out = format!(
        "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">In short: {}</h2>\n<p class=\"lead\">{}</p>\n",
        esc(&told.state),
        esc(&told.sentence)
    );
    out += "<dl class=\"figures\">\n";
    told.figures.iter().for_each(|f| out += &figure(f));
    out += "</dl>\n";
    if !told.attention.is_empty() {
        out += "<h3>To look at</h3>\n<ul class=\"look\">\n";
        told.attention.iter().for_each(|point| out += &format!("<li>{}</li>\n", esc(point)));
        out += "</ul>\n";
    }
    out + "</section>\n"
}

fn figure(figure: &Figure) -> String {
    let (class, sign) = match figure.tone {
        Tone::Good => ("good", "✔ "),
        Tone::Care => ("care", "! "),
        Tone::Bad => ("bad", "✖ "),
        Tone::Plain => ("plain", ""),
    };
    let (label, value, detail) = (esc(&figure.label), esc(&figure.value), esc(&figure.detail));
    let more = if detail.is_empty() { String::new() } else { format!("<dd class=\"more\">{detail}</dd>") };
    format!("<div class=\"{class}\"><dt>{label}</dt><dd>{sign}{value}</dd>{more}</div>\n")
}

fn contents(sections: &[Section<'_>]) -> String {
    let link = |s: &Section<'_>| format!("<li><a href=\"#{}\">{}</a></li>\n", s.id, esc(s.title));
    let links: String = sections.iter().map(link).collect();
    format!("<nav aria-label=\"Contents\">\n<ul>\n{links}</ul>\n</nav>\n")
}

fn section(account: &Account, section: &Section<'_>, charts: &mut usize) -> String {
    let mut out = format!(
        "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n",
        section.id,
        esc(section.title)
    );
    for block in &section.blocks {
        out += &match block {
            Block::Text(text) => format!("<p>{}</p>\n", esc(text)),
            Block::Part(title) => format!("<h3>{}</h3>\n", esc(title)),
            Block::List(points) => {
                let points: String = points.iter().map(|p| format!("<li>{}</li>\n", esc(p))).collect();
                format!("<ul>\n{points}</ul>\n")
            }
            Block::Table { about, head, rows } => table(section.id, about, head, rows),
            Block::Chart { about, chart, fired, ended } => {
                *charts += 1;
                chart::figure(account, &chart::Asked { about, chart, fired: *fired, ended: *ended }, *charts)
            }
        };
    }
    out + "</section>\n"
}

/// The first cell of a row is its heading where it names the row, as in a list of phases.
fn table(id: &str, about: &str, head: &[&str], rows: &[Vec<Cell>]) -> String {
    let named = matches!(id, "phases" | "gates" | "signoffs" | "about");
    let mut out = format!("<table class=\"{id}\">\n<caption>{}</caption>\n<thead><tr>", esc(about));
    head.iter().for_each(|title| out += &format!("<th scope=\"col\">{}</th>", esc(title)));
    out += "</tr></thead>\n<tbody>\n";
    for row in rows {
        out += "<tr>";
        for (n, (cell, title)) in row.iter().zip(head).enumerate() {
            out += &match (n, named) {
                (0, true) => format!("<th scope=\"row\">{}</th>", told(cell)),
                _ if cell.is_empty() => "<td class=\"none\"></td>".to_owned(),
                _ => format!("<td data-label=\"{}\">{}</td>", esc(title), told(cell)),
            };
        }
        out += "</tr>\n";
    }
    out + "</tbody>\n</table>\n"
}

fn told(cell: &Cell) -> String {
    let text = esc(&cell.text);
    let text = match (cell.look, text.is_empty()) {
        (_, true) => text,
        (Look::Plain, _) => text,
        (Look::Code, _) => format!("<code>{text}</code>"),
        (Look::Good, _) => format!("<span class=\"good\">{text}</span>"),
        (Look::Care, _) => format!("<span class=\"care\">{text}</span>"),
        (Look::Bad, _) => format!("<span class=\"bad\">{text}</span>"),
        (Look::Faint, _) => format!("<span class=\"faint\">{text}</span>"),
    };
    let more: String = cell.more.iter().map(|line| format!("<small>{}</small>", esc(line))).collect();
    // A moment, a span or a word stays on one line.
    let short = if cell.text.chars().count() <= SHORT { " class=\"short\"" } else { "" };
    format!("<div><div{short}>{text}</div>{more}</div>")
}

/// A text that shows exactly itself: clean, without markup, in elements and in quoted attributes.
pub(super) fn esc(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unescaped(text: &str) -> String {
        let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    proptest! {
        #[test]
        fn any_text_shows_itself_and_nothing_acts(text in "[ a-c<>&\"'/!=\\-;#\r\n\t\\x1b\u{85}\u{202e}\u{200b}é🚀]{0,24}") {
            let told = esc(&text);
            prop_assert!(!told.contains(['<', '>', '"', '\'']), "{told:?}");
            let acts = told.chars().find(|c| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
            prop_assert_eq!(acts, None);
            prop_assert_eq!(unescaped(&told), clean(&text).into_owned());
        }
    }
}
