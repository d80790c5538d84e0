//! What people and scripts see: text and progress on standard error, or one JSON object on standard output.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::json;

/// How a command ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; a proof that was checked is valid.
    Done,
    /// A proof does not verify, or a GPU fails its self-test.
    Invalid,
}

/// Where output goes.
pub struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    /// JSON on standard output, or text on standard error unless `quiet`.
    pub fn new(json: bool, quiet: bool) -> Self {
        Output { json, quiet }
    }

    /// A line for people. A closed standard error is no reason to stop.
    pub fn line(&self, text: impl Display) {
        if !self.json && !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// A line that matters even to those who wanted quiet; on standard error also beside JSON.
    pub fn warn(&self, text: impl Display) {
        let _ = writeln!(io::stderr().lock(), "warning: {text}");
    }

    /// The result for scripts. A reader that has gone away wanted no more of it.
    pub fn object(&self, value: &impl Serialize) -> anyhow::Result<()> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value)?;
        match writeln!(io::stdout().lock(), "{text}") {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                anyhow::bail!("cannot write to standard output: {error}")
            }
            _ => Ok(()),
        }
    }

    /// One sentence on standard error, and an object with it on standard output for scripts.
    pub fn error(&self, error: &anyhow::Error) {
        let sentence = sentence(error);
        let _ = writeln!(io::stderr().lock(), "error: {sentence}");
        // Nothing is left to be done if this fails as well.
        let _ = self.object(&json!({ "error": sentence }));
    }

    /// A bar that counts to `total`; invisible unless standard error is a terminal.
    pub fn progress(&self, what: &str, total: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(total), self.target());
        if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:32} {percent:>3}% {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar
    }

    /// A spinner whose message names the phase at hand; invisible unless standard error is a terminal.
    pub fn spinner(&self, what: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.target());
        bar.set_message(what.to_owned());
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        bar
    }

    fn target(&self) -> ProgressDrawTarget {
        if self.json || self.quiet || !io::stderr().is_terminal() {
            return ProgressDrawTarget::hidden();
        }
        ProgressDrawTarget::stderr()
    }
}

/// An error with its causes, as one sentence. Some of the libraries' errors quote their cause, which is then not said again.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if sentence.is_empty() {
            sentence = cause;
        } else if !sentence.ends_with(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

/// Seconds for people: three digits and a unit.
pub fn seconds(value: f64) -> String {
    let (value, unit) = if value < 1e-3 {
        (value * 1e6, "us")
    } else if value < 1.0 {
        (value * 1e3, "ms")
    } else {
        (value, "s")
    };
    format!(
        "{value:.*} {unit}",
        if value < 10.0 {
            2
        } else if value < 100.0 {
            1
        } else {
            0
        }
    )
}

/// Bytes for people, in binary units.
pub fn bytes(value: impl TryInto<u64>) -> String {
    let mut scaled = value.try_into().unwrap_or(u64::MAX) as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if scaled < 1024.0 {
            let digits = usize::from(unit != "B" && scaled < 100.0);
            return format!("{scaled:.digits$} {unit}");
        }
        scaled /= 1024.0;
    }
    format!("{scaled:.1} TiB")
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once() {
        let error = |node: &str| assay_core::Error::Invalid("too wide".into()).at(node);
        assert_eq!(sentence(&anyhow::Error::from(error("conv")).context("model.onnx")), "model.onnx: in `conv`: too wide");
    }

    #[test]
    fn quantities_are_readable() {
        assert_eq!(seconds(0.000_012_3), "12.3 us");
        assert_eq!(seconds(0.0456), "45.6 ms");
        assert_eq!(seconds(1.234), "1.23 s");
        assert_eq!(seconds(123.4), "123 s");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(200 << 20), "200 MiB");
        assert_eq!(hex(&[0, 171]), "00ab");
    }
}
