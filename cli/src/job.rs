//! What is to be computed: the arguments that the commands share, and job files.
//!
//! A job file says the same as the arguments, which win over it. Relative paths start at the file's folder.
//!
//! ```toml
//! program = "model.onnx"          # or a built-in, "matmul:64x64x64"
//! private = ["weights", "x"]      # inputs, or `weights`, that the receipt must not show
//! context = "0xdeadbeef"          # hexadecimal, or the path of a file: bytes that the proof is bound to
//! output  = "out.receipt"
//!
//! [inputs]
//! x = "digit.npy"
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::files;
use crate::program::Source;

const MAX_JOB_BYTES: u64 = 1 << 20;
/// The context enters the transcript and stands in the receipt: an identifier, not a document.
const MAX_CONTEXT_BYTES: u64 = 4096;

/// The arguments that name a program and its inputs.
#[derive(clap::Args)]
pub struct JobArgs {
    /// An .onnx file, a built-in (matmul:MxKxN, heat2d:HxWxSTEPS, hardswish:HxWxC), a job.toml, or what `assay compile` made
    program: String,
    /// An input array: FILE.npy for the only or first input, NAME=FILE.npy for another; repeatable
    #[arg(long, short, value_name = "[NAME=]FILE.npy")]
    input: Vec<String>,
    /// Seed of the made-up inputs that built-in programs run on without --input
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Refuse what would take more memory than this; by default what the machine has
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    max_memory: Option<u64>,
}

impl JobArgs {
    /// PROGRAM, with or without the array of its first input.
    pub fn of(program: &str, input: Option<&str>) -> Self {
        JobArgs { program: program.to_owned(), input: input.map(str::to_owned).into_iter().collect(), seed: 0, max_memory: None }
    }

    /// PROGRAM as it was given.
    pub fn program(&self) -> &str {
        &self.program
    }
}

/// An input array that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// The input's name; absent for the first.
    pub name: Option<String>,
    /// The array.
    pub path: PathBuf,
}

/// A job, arguments and file merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The program.
    pub source: Source,
    /// Input arrays.
    pub inputs: Vec<InputFile>,
    /// Names of hidden inputs, and `weights`.
    pub private: Vec<String>,
    /// Bytes that the proof is bound to.
    pub context: Vec<u8>,
    /// Where the result goes.
    pub output: Option<PathBuf>,
    /// Bytes of memory that the job may take, if not all there are.
    pub max_memory: Option<u64>,
}

/// A job file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JobFile {
    program: String,
    #[serde(default)]
    inputs: BTreeMap<String, PathBuf>,
    #[serde(default)]
    private: Vec<String>,
    context: Option<String>,
    output: Option<PathBuf>,
}

impl Job {
    /// Merges the arguments with the job file, if PROGRAM is one.
    pub fn resolve(args: &JobArgs, private: &[String], context: Option<&str>, output: Option<&Path>) -> Result<Self> {
        let here = Path::new("");
        let mut job = if Path::new(&args.program).extension().is_some_and(|e| e == "toml") {
            Job::read(Path::new(&args.program))?
        } else {
            let source = Source::parse(&args.program, here)?;
            Job { source, inputs: Vec::new(), private: Vec::new(), context: Vec::new(), output: None, max_memory: None }
        };
        job.max_memory = args.max_memory.map(|gib| gib << 30);
        for text in &args.input {
            let given = parse_input(text)?;
            job.inputs.retain(|input| input.name != given.name);
            job.inputs.push(given);
        }
        if !private.is_empty() {
            job.private = private.to_vec();
        }
        if let Some(text) = context {
            job.context = parse_context(text, here)?;
        }
        if let Some(path) = output {
            job.output = Some(path.to_owned());
        }
        Ok(job)
    }

    fn read(path: &Path) -> Result<Self> {
        let bytes = files::read(path, MAX_JOB_BYTES, "the job file")?;
        let text = str::from_utf8(&bytes).with_context(|| format!("the job file {} is not text", path.display()))?;
        // The parser's message spans lines and shows the place; the first sentence of an error is ours.
        let file: JobFile = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            anyhow::anyhow!("the job file {} is wrong in line {line}: {}", path.display(), e.message())
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let input = |(name, file): (String, PathBuf)| InputFile { name: Some(name), path: folder.join(file) };
        Ok(Job {
            source: Source::parse(&file.program, folder)?,
            inputs: file.inputs.into_iter().map(input).collect(),
            private: file.private,
            context: file.context.map_or(Ok(Vec::new()), |text| parse_context(&text, folder))?,
            output: file.output.map(|file| folder.join(file)),
            max_memory: None,
        })
    }
}

/// `FILE.npy` or `NAME=FILE.npy`; a file whose name has an `=` in it is still a file.
fn parse_input(text: &str) -> Result<InputFile> {
    match text.split_once('=') {
        Some((name, path)) if !Path::new(text).exists() => {
            if name.is_empty() || path.is_empty() {
                bail!("--input {text}: expected FILE.npy or NAME=FILE.npy");
            }
            Ok(InputFile { name: Some(name.to_owned()), path: path.into() })
        }
        _ => Ok(InputFile { name: None, path: text.into() }),
    }
}

/// Hexadecimal digits (with or without 0x) or the path of a file; an existing file wins.
fn parse_context(text: &str, folder: &Path) -> Result<Vec<u8>> {
    let path = folder.join(text);
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if path.is_file() {
        return files::read(&path, MAX_CONTEXT_BYTES, "the context");
    }
    match parse_hex(digits) {
        Some(bytes) if bytes.len() as u64 > MAX_CONTEXT_BYTES => {
            bail!("the context has {} bytes; at most {MAX_CONTEXT_BYTES} are allowed: bind its hash instead", bytes.len())
        }
        Some(bytes) => Ok(bytes),
        None => bail!("the context `{text}` is neither a file nor hexadecimal digits, two a byte"),
    }
}

/// Pairs of hexadecimal digits.
pub fn parse_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn hexadecimal_contexts_are_strict() {
        let parse = |text| parse_context(text, Path::new("/nonexistent"));
        assert_eq!(parse("0xDEadbe").unwrap(), [0xde, 0xad, 0xbe]);
        assert_eq!(parse("00ff").unwrap(), [0, 0xff]);
        assert_eq!(parse("0x").unwrap(), Vec::<u8>::new());
        for wrong in ["0xabc", "xyz", "+1", "0x0x12", "ü0"] {
            assert!(parse(wrong).unwrap_err().to_string().contains("neither a file nor hexadecimal"), "{wrong}");
        }
        assert!(parse(&"00".repeat(4097)).unwrap_err().to_string().contains("4097 bytes"));
    }

    #[test]
    fn inputs_may_be_named() {
        assert_eq!(parse_input("x.npy").unwrap(), InputFile { name: None, path: "x.npy".into() });
        assert_eq!(parse_input("x=a=b.npy").unwrap(), InputFile { name: Some("x".into()), path: "a=b.npy".into() });
        assert!(parse_input("=x.npy").is_err());
    }

    #[test]
    fn arguments_win_over_the_job_file() {
        let folder = std::env::temp_dir().join(format!("assay-job-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("job.toml");
        let text = "program = 'matmul:2x3x4'\nprivate = ['a']\ncontext = '0a'\noutput = 'o'\n[inputs]\na = 'a.npy'\nb = 'b.npy'\n";
        fs::write(&path, text).unwrap();
        let args = |input: &[&str]| JobArgs {
            program: path.to_str().unwrap().into(),
            input: input.iter().map(|s| s.to_string()).collect(),
            seed: 0,
            max_memory: None,
        };
        let job = Job::resolve(&args(&["b=other.npy"]), &[], Some("0b"), Some(Path::new("p"))).unwrap();
        let expected = Job {
            source: Source::BuiltIn("matmul:2x3x4".into()),
            inputs: vec![
                InputFile { name: Some("a".into()), path: folder.join("a.npy") },
                InputFile { name: Some("b".into()), path: "other.npy".into() },
            ],
            private: vec!["a".into()],
            context: vec![0x0b],
            output: Some("p".into()),
            max_memory: None,
        };
        assert_eq!(job, expected);
        fs::write(&path, "program = 'matmul:2x3x4'\n\ncolour = 'red'\n").unwrap();
        let error = Job::resolve(&args(&[]), &[], None, None).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("colour"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}
