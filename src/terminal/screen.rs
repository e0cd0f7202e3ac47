//! The screen: ratatui draws into memory, the difference to the last frame goes to the writer.

use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

use super::{Depth, Frames, painter::Painter};

/// The largest screen drawn; what lies beyond stays empty, and memory stays bounded.
const LARGEST: Size = Size { width: 1000, height: 500 };

/// What became of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// The writer has the frame.
    Sent,
    /// The screen shows this already; nothing was sent.
    Unchanged,
    /// The writer is busy or the terminal not ours; nothing was drawn. [`Input::Written`](super::Input)
    /// or [`Input::Resumed`](super::Input) follows.
    Busy,
}

/// Something to draw on. It never asks the terminal and never waits for it.
pub struct Screen {
    terminal: Terminal<Painter>,
    frames: Frames,
}

impl Screen {
    /// A screen of `size` columns and rows that shows nothing yet.
    pub(super) fn new(frames: Frames, size: (u16, u16)) -> Self {
        let Ok(terminal) = Terminal::new(Painter::new(bounded(size)));
        Self { terminal, frames }
    }

    /// Colours beyond `depth` are drawn as the nearest ones it has.
    pub fn limit_colors(&mut self, depth: Depth) {
        self.terminal.backend_mut().limit(depth);
    }

    /// Columns and rows that [`Screen::draw`] covers.
    pub fn size(&self) -> (u16, u16) {
        let Ok(size) = self.terminal.size();
        (size.width, size.height)
    }

    /// Draws a whole frame with `render` and sends what changed. Without a single cell `render` is not called.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> Drawn {
        if !self.frames.ready() {
            return Drawn::Busy;
        }
        let (columns, rows) = self.size();
        if columns == 0 || rows == 0 {
            return Drawn::Unchanged;
        }
        let Ok(_) = self.terminal.draw(render);
        let bytes = self.terminal.backend_mut().take();
        if bytes.is_empty() {
            return Drawn::Unchanged;
        }
        self.frames.send(bytes);
        Drawn::Sent
    }

    /// Takes the size of an [`Input::Resize`](super::Input::Resize); the next frame is a full one.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().resize(bounded((columns, rows)));
        self.repaint();
    }

    /// Makes the next frame clear the terminal and draw everything.
    pub fn repaint(&mut self) {
        let (columns, rows) = self.size();
        self.terminal.backend_mut().forget();
        let Ok(()) = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }
}

fn bounded((columns, rows): (u16, u16)) -> Size {
    Size { width: columns.min(LARGEST.width), height: rows.min(LARGEST.height) }
}
