//! Progress bars: on a terminal, nothing elsewhere.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use steward::retrieve::ingest::Progress;
use steward::setup::Narrator;

/// Names each stage of a start and shows a bar for it.
pub struct TerminalNarrator;

impl Narrator for TerminalNarrator {
    fn stage(&mut self, name: &'static str) -> Box<dyn Progress> {
        // Nobody may be there to read it: that must not end the program.
        let _ = writeln!(std::io::stderr(), "{name}");
        Box::new(TerminalProgress::new(name))
    }
}

/// A bar on a terminal, nothing elsewhere.
pub struct TerminalProgress {
    what: &'static str,
    bar: ProgressBar,
}

impl TerminalProgress {
    pub fn new(what: &'static str) -> Self {
        Self { what, bar: ProgressBar::hidden() }
    }
}

impl Progress for TerminalProgress {
    fn begin(&mut self, items: usize) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        self.bar = ProgressBar::new(items as u64);
        let template = "{msg} {bar:30} {pos}/{len} {per_sec} about {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(self.what);
    }

    fn advance(&mut self, items: usize) {
        self.bar.inc(items as u64);
    }
}

impl Drop for TerminalProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
