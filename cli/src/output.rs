//! What people and scripts see: text and progress on standard error, or one JSON object on standard output.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use assay_core::program::Port;
use assay_core::{Program, Tensor};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::json;

/// How a command ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; a proof that was checked is valid.
    Done,
    /// A proof does not verify.
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
        let sentence = format!("{error:#}");
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

/// The most elements of an output that are shown; larger ones are for `-o FILE.npy`.
const MOST_SHOWN: usize = 4096;
/// The most that fit a line for people.
const MOST_IN_A_LINE: usize = 16;

/// An output for people and scripts: values as the program computes them, integers.
#[derive(Serialize)]
pub struct OutputSummary {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    /// Row-major; null for an output of more than 4096 elements.
    values: Option<Vec<i64>>,
    /// Step and zero point where the integers stand for reals.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantization: Option<(f32, i64)>,
    /// The position of the largest value (the first of equals), for an output of shape [1, N]: a classifier's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<usize>,
}

/// Summaries of all outputs of a run.
pub fn outputs(program: &Program, tensors: &[Tensor]) -> Vec<OutputSummary> {
    let summary = |(port, tensor): (&Port, &Tensor)| {
        let shape = tensor.shape.extents().to_vec();
        let values = tensor.valid();
        let class = match shape[..] {
            [1, n] if n > 1 => values.iter().enumerate().rev().max_by_key(|v| v.1).map(|v| v.0),
            _ => None,
        };
        OutputSummary {
            name: port.name.clone(),
            dtype: port.dtype.to_string(),
            values: (values.len() <= MOST_SHOWN).then_some(values),
            quantization: port.quantization.map(|q| (q.scale, q.zero_point)),
            class,
            shape,
        }
    };
    program.outputs.iter().zip(tensors).map(summary).collect()
}

impl Display for OutputSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "output `{}` {} {:?}", self.name, self.dtype, self.shape)?;
        if let Some(values) = self.values.as_ref().filter(|v| v.len() <= MOST_IN_A_LINE) {
            write!(f, " = {values:?}")?;
        }
        match self.class {
            Some(class) => write!(f, "\nclass {class}"),
            None => Ok(()),
        }
    }
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
pub fn bytes(value: u64) -> String {
    let mut scaled = value as f64;
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
