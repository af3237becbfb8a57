//! A file as it is being written: lines, comments that stay short, settings that say what they set.

use super::{Assigned, Document, Line, Takes};

/// Longest line of a comment, its mark included.
const WIDTH: usize = 100;

/// A file as it is being written.
pub(super) struct Writer {
    document: Document,
    /// What a comment begins with.
    mark: &'static str,
}

impl Writer {
    /// An empty file whose comments begin with this mark.
    pub(super) fn new(mark: &'static str) -> Self {
        Self { document: Document::default(), mark }
    }

    /// A line that sets nothing.
    pub(super) fn line(&mut self, text: impl Into<String>) {
        self.document.lines.push(Line { text: text.into(), setting: None });
    }

    /// Lines that set nothing.
    pub(super) fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
    }

    /// A comment, as far from the edge as what it is about, on as many lines as it takes.
    pub(super) fn comment(&mut self, indent: &str, text: &str) {
        let start = [indent, self.mark].concat();
        let mut line = start.clone();
        for word in text.split_whitespace() {
            if line.len() > start.len() && line.len() + 1 + word.len() > WIDTH {
                self.line(std::mem::replace(&mut line, start.clone()));
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(line);
    }

    /// A line that gives a setting of an application its value: for another one, the application starts again.
    pub(super) fn set(&mut self, text: String, name: &str, value: &str, default: Option<&str>) {
        self.assign(text, name, value, default, Some(Takes::Restart));
    }

    /// A line that gives a setting its value.
    pub(super) fn assign(
        &mut self,
        text: String,
        name: &str,
        value: &str,
        default: Option<&str>,
        takes: Option<Takes>,
    ) {
        let (name, value) = (name.to_owned(), value.to_owned());
        let setting = Some(Assigned { name, value, default: default.map(str::to_owned), takes });
        self.document.lines.push(Line { text, setting });
    }

    /// The line that was written last.
    pub(super) fn last(&mut self) -> Option<&mut Line> {
        self.document.lines.last_mut()
    }

    /// The whole file.
    pub(super) fn finish(self) -> Document {
        self.document
    }
}
