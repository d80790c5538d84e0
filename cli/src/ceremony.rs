//! `assay ceremony`: the second phase of a Groth16 setup, by people who need not trust each other.

mod keys;
mod source;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use assay_prover::ceremony::{CeremonyError, Contribution, State, verify_series};
use rand::rngs::OsRng;
use serde_json::{Value, json};

use crate::files::{self, PendingFile};
use crate::output::{Output, Verdict, hex};

use source::Source;

const STATE: &str = "the ceremony file";
/// Dice rolls, a photograph: more adds nothing.
const MAX_ENTROPY_BYTES: u64 = 1 << 26;

/// Make Groth16 keys for a circuit in public: begin, contribute to, verify and finish a ceremony
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Begin a ceremony from powers of tau and a circuit
    New {
        #[command(flatten)]
        source: Source,
        /// Where to write the first ceremony file
        #[arg(long, short)]
        output: PathBuf,
    },
    /// Add a secret of yours, which is erased, and write the file for the next participant
    Contribute {
        /// The ceremony file of the participant before you
        file: PathBuf,
        /// Where to write the ceremony file for the participant after you
        #[arg(long, short)]
        output: PathBuf,
        /// Who you are; up to 64 bytes, public, proven by nothing but your announcing the hash
        #[arg(long, default_value = "")]
        name: String,
        /// A file whose bytes are mixed into the operating system's randomness; `-` for standard input
        #[arg(long, value_name = "FILE")]
        entropy: Option<PathBuf>,
    },
    /// Check ceremony files, in the order in which they were made; exit code 1 if one does not verify
    Verify {
        #[command(flatten)]
        source: Source,
        /// The ceremony files; the last alone shows whether the result is right, the others whose fault it is if not
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Verify a ceremony, end it with a public beacon, and write its keys
    Finalize(keys::Args),
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    match &args.command {
        Command::New { source, output: file } => new(source, file, output),
        Command::Contribute { file, output: next, name, entropy } => contribute(file, next, name, entropy.as_deref(), output),
        Command::Verify { source, files } => verify(source, files, output),
        Command::Finalize(args) => keys::run(args, output),
    }
}

fn new(source: &Source, file: &Path, output: &Output) -> Result<Verdict> {
    let pending = PendingFile::create(file, STATE)?;
    let (_, initial) = source.initial(output)?;
    let state = State::begin(&initial);
    pending.finish(|writer| Ok(state.write(writer)?))?;
    report(&[], &state, output)?;
    Ok(Verdict::Done)
}

fn contribute(file: &Path, next: &Path, name: &str, entropy: Option<&Path>, output: &Output) -> Result<Verdict> {
    let mut state = read_state(file)?;
    let entropy = match entropy {
        None => vec![],
        Some(path) if path == Path::new("-") => files::read(Path::new("/dev/stdin"), MAX_ENTROPY_BYTES, "standard input")?,
        Some(path) => files::read(path, MAX_ENTROPY_BYTES, "the entropy")?,
    };
    let pending = PendingFile::create(next, STATE)?;
    let spinner = output.spinner("multiplying your secret into the parameters");
    let contributed = state.contribute(name, &entropy, &mut OsRng);
    spinner.finish_and_clear();
    let hash = contributed?;
    pending.finish(|writer| Ok(state.write(writer)?))?;
    output.line(format_args!(
        "contribution {} is in {}; announce its hash where people know you, so that all can see it in the result:\n{}",
        state.contributions.len(),
        next.display(),
        hex(&hash)
    ));
    output.object(&json!({ "path": next, "number": state.contributions.len(), "name": name, "hash": hex(&hash) }))?;
    Ok(Verdict::Done)
}

fn verify(source: &Source, files: &[PathBuf], output: &Output) -> Result<Verdict> {
    let (_, initial) = source.initial(output)?;
    let spinner = output.spinner("checking the contributions");
    let mut unreadable = None;
    let states = files.iter().map(|file| {
        let state = files::open(file, STATE).map_err(|error| CeremonyError::Io(std::io::Error::other(error.to_string())))?;
        State::read(&mut &state).inspect_err(|_| unreadable = Some(file))
    });
    let checked = verify_series(&initial, states, &mut OsRng);
    spinner.finish_and_clear();
    match checked {
        Ok(contributions) => {
            output.line("valid: the parameters follow from the powers of tau, the circuit and these contributions");
            let list = list(&contributions, output);
            output.line("They are sound if one of these people destroyed their secret. Names are proven by nothing but announced hashes.");
            output.object(&json!({ "valid": true, "reason": null, "contributions": list }))?;
            Ok(Verdict::Done)
        }
        Err(error) if error.is_verdict() => {
            output.line(format_args!("INVALID: {error}"));
            output.object(&json!({ "valid": false, "reason": error.to_string(), "contributions": null }))?;
            Ok(Verdict::Invalid)
        }
        Err(error) => match unreadable {
            Some(file) => Err(error).with_context(|| file.display().to_string()),
            None => Err(error.into()),
        },
    }
}

fn read_state(file: &Path) -> Result<State> {
    State::read(&mut files::open(file, STATE)?).with_context(|| file.display().to_string())
}

/// Prints the contributions, and gives them as JSON.
fn list(contributions: &[Contribution], output: &Output) -> Vec<Value> {
    let entry = |(index, contribution): (usize, &Contribution)| {
        let mut line = format!("{:3} {} {}", index + 1, hex(&contribution.hash()), contribution.name);
        let beacon = contribution.beacon.as_ref().map(|beacon| {
            let _ = write!(line, " (beacon {}, 2^{} iterations)", hex(beacon.value()), beacon.log_iterations());
            json!({ "value": hex(beacon.value()), "log_iterations": beacon.log_iterations() })
        });
        output.line(line);
        json!({ "number": index + 1, "name": contribution.name, "hash": hex(&contribution.hash()), "beacon": beacon })
    };
    contributions.iter().enumerate().map(entry).collect()
}

/// What a new or finished ceremony is about, and the files written.
fn report(written: &[(&str, &Path)], state: &State, output: &Output) -> Result<()> {
    output.line(format_args!(
        "circuit {}\npowers of tau {}\ninitial parameters {}",
        hex(&state.circuit),
        hex(&state.phase1),
        hex(&state.parameters)
    ));
    let contributions = list(&state.contributions, output);
    for (what, path) in written {
        output.line(format_args!("{what}: {}", path.display()));
    }
    let files: serde_json::Map<String, Value> = written.iter().map(|(what, path)| ((*what).to_owned(), json!(path))).collect();
    output.object(&json!({
        "circuit": hex(&state.circuit),
        "powers_of_tau": hex(&state.phase1),
        "initial_parameters": hex(&state.parameters),
        "contributions": contributions,
        "files": files,
    }))
}
