//! The lines that a problem speaks of, made safe and cut to the width, with the words meant marked.
//!
//! Each character is cleaned where it stands, so that what is spelled out moves the marks with it.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{clean, width};

/// A part of a line that is pointed at.
#[derive(Clone, Debug)]
pub struct Mark {
    /// From 1.
    pub line: usize,
    /// In characters from 1; 0 is no place in the line.
    pub column: usize,
    /// In characters.
    pub len: usize,
    /// What is said of it; may be empty.
    pub label: String,
    /// Whether it is the place of the problem itself.
    pub primary: bool,
}

/// Some lines of a file.
#[derive(Debug)]
pub struct Excerpt {
    /// The file's name, clean.
    name: String,
    /// The lines as they are shown, each with its line end.
    text: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    line: usize,
    /// Column from 0 of its first mark, as the file has it.
    column: usize,
    /// Its bytes in `text`, without the line end.
    bytes: std::ops::Range<usize>,
}

impl Excerpt {
    /// The lines of `marks`, at most `columns` wide, and the marks as places in them.
    pub fn new(name: &str, lines: &[&str], marks: &[Mark], columns: usize) -> (Self, Vec<LabeledSpan>) {
        let mut marks: Vec<&Mark> = marks.iter().filter(|m| m.column > 0).collect();
        marks.sort_by_key(|m| (m.line, m.column));
        let mut excerpt = Self { name: clean(name).into_owned(), text: String::new(), rows: vec![] };
        let mut spans = vec![];
        for row in marks.chunk_by(|a, b| a.line == b.line) {
            let line = lines.get(row[0].line - 1).copied().unwrap_or("");
            excerpt.push(line, row, columns, &mut spans);
        }
        (excerpt, spans)
    }

    fn push(&mut self, line: &str, marks: &[&Mark], columns: usize, spans: &mut Vec<LabeledSpan>) {
        let start = self.text.len();
        let window = Window::around(line, marks[0], columns);
        self.text.push_str(&window.text);
        for mark in marks {
            let (from, to) = window.bytes_of(mark);
            let label = Some(clean(&mark.label).into_owned()).filter(|l| !l.is_empty());
            let (at, len) = (start + from, to - from);
            spans.push(match mark.primary {
                true => LabeledSpan::new_primary_with_span(label, (at, len)),
                false => LabeledSpan::new(label, at, len),
            });
        }
        let bytes = start..self.text.len();
        self.rows.push(Row { line: marks[0].line, column: marks[0].column - 1, bytes });
        self.text.push('\n');
    }

    fn row_of(&self, offset: usize) -> Option<usize> {
        self.rows.iter().position(|r| r.bytes.start <= offset && offset <= r.bytes.end)
    }
}

impl SourceCode for Excerpt {
    /// Lines that do not follow each other in the file are never read together.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let first = self.row_of(span.offset()).ok_or(MietteError::OutOfBounds)?;
        let last = self.row_of(span.offset() + span.len()).ok_or(MietteError::OutOfBounds)?;
        if self.rows[last].line - self.rows[first].line != last - first {
            return Err(MietteError::OutOfBounds);
        }
        let bytes = self.rows[first].bytes.start..self.rows[last].bytes.end;
        let row = &self.rows[first];
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[bytes.clone()],
            (bytes.start, bytes.len()).into(),
            row.line - 1,
            row.column,
            last - first + 1,
        )))
    }
}

/// The part of a line that is shown.
struct Window {
    text: String,
    /// Where each character of the line begins in `text`, from the character `first` on; one more at the end.
    starts: Vec<usize>,
    first: usize,
}

impl Window {
    /// As much of `line` as fits `columns`: from its beginning, unless the mark would be outside then.
    fn around(line: &str, mark: &Mark, columns: usize) -> Self {
        let clusters = Clusters::near(line, mark.column - 1, columns);
        let wanted = clusters.index_of(mark.column - 1 + mark.len);
        let from = match clusters.width_to(wanted) <= columns && clusters.first == 0 {
            true => 0,
            false => clusters.back_from(clusters.index_of(mark.column - 1), columns / 4),
        };
        clusters.show(from, columns)
    }

    /// The bytes of a mark in `text`; of what is cut away, its nearest edge.
    fn bytes_of(&self, mark: &Mark) -> (usize, usize) {
        let place = |character: usize| {
            let index = character.saturating_sub(self.first).min(self.starts.len() - 1);
            self.starts[index]
        };
        (place(mark.column - 1), place(mark.column - 1 + mark.len))
    }
}

/// The characters of a line that belong together, each as it is shown.
struct Clusters {
    /// Shown text, its columns, and how many characters of the line it stands for.
    list: Vec<(String, usize, usize)>,
    /// The number of the first character.
    first: usize,
    /// Whether the line goes on behind them.
    more: bool,
}

impl Clusters {
    /// Those around the character `at`; of a line of any length only as many as can matter.
    fn near(line: &str, at: usize, columns: usize) -> Self {
        let reach = columns * 4;
        let first = at.saturating_sub(reach);
        let byte = |n: usize| line.char_indices().nth(n).map_or(line.len(), |(i, _)| i);
        let (from, to) = (byte(first), byte(at + reach));
        let one = |cluster: &str| {
            // Half-width voicing marks are measured differently by the renderer and by terminals.
            let shown = clean(cluster).replace('\u{ff9e}', "\u{309b}").replace('\u{ff9f}', "\u{309c}");
            let columns = width(&shown);
            (shown, columns, cluster.chars().count())
        };
        let list = line[from..to].graphemes(true).map(one).collect();
        Self { list, first, more: !line[to..].trim_end().is_empty() }
    }

    /// The cluster that holds the character `at`; its length where it lies behind all.
    fn index_of(&self, at: usize) -> usize {
        let mut passed = self.first;
        let holds = |(_, _, characters): &(String, usize, usize)| {
            passed += characters;
            passed > at
        };
        self.list.iter().position(holds).unwrap_or(self.list.len())
    }

    fn width_to(&self, index: usize) -> usize {
        self.list[..index].iter().map(|(_, columns, _)| columns).sum()
    }

    /// The cluster that stands at most `columns` before `index`.
    fn back_from(&self, index: usize, columns: usize) -> usize {
        let mut used = 0;
        let fits = |(_, columns_of, _): &&(String, usize, usize)| {
            used += columns_of;
            used <= columns
        };
        index - self.list[..index].iter().rev().take_while(fits).count()
    }

    fn show(&self, from: usize, columns: usize) -> Window {
        let characters = |list: &[(String, usize, usize)]| list.iter().map(|(_, _, n)| n).sum::<usize>();
        let first = self.first + characters(&self.list[..from]);
        let mut window = Window { text: String::new(), starts: vec![], first };
        let mut left = columns;
        if first > 0 {
            window.text.push('…');
            left -= 1;
        }
        let mut rest = self.list[from..].iter().peekable();
        while let Some((shown, wide, characters)) = rest.next() {
            let room = if rest.peek().is_some() || self.more { left.saturating_sub(1) } else { left };
            if *wide > room {
                window.starts.push(window.text.len());
                window.text.push('…');
                break;
            }
            window.starts.extend(std::iter::repeat_n(window.text.len(), *characters));
            window.text.push_str(shown);
            left -= wide;
        }
        window.starts.push(window.text.trim_end().len());
        window.text.truncate(window.text.trim_end().len());
        window
    }
}
