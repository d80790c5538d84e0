//! `assay srs`: the powers of tau that keys and proofs are made with.

mod store;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use assay_circuits::mercury;
use assay_prover::srs::{Header, Origin, Srs};
use rand::rngs::OsRng;
use serde_json::json;

use crate::cache;
use crate::files;
use crate::output::{Output, Verdict, bytes, hex};

pub use store::{DEVELOPMENT, NOT_FOR_PRODUCTION, Selection};

/// 2^24 powers take 1 GiB: more than any job of this release.
const MAX_POWER: u32 = 24;

/// Generate, import, check and list reference strings (powers of tau)
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Generate the development reference string: its tau is public, so it is for trying out, not for production
    New {
        /// Serve rows of up to 2^POWER entries: 2^POWER powers and some for their salts
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_POWER)))]
        power: u32,
        /// Write to this file instead of the cache
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Import a ceremony's .ptau file into the cache; verify its contributions first (`snarkjs powersoftau verify`)
    Import {
        /// The .ptau file
        file: PathBuf,
        /// The name under which `--srs NAME` finds it; by default the file's
        #[arg(long)]
        name: Option<String>,
        /// Import 2^POWER powers and some for salts only, for rows of up to 2^POWER; by default what the file has, up to POWER 24
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_POWER)))]
        power: Option<u32>,
    },
    /// Check that a reference string consists of powers of one tau (pairing checks)
    Verify {
        /// A name in the cache or a file
        #[arg(default_value = DEVELOPMENT)]
        srs: String,
    },
    /// List the reference strings in the cache
    List,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    match &args.command {
        Command::New { power, output: file } => new(for_rows(*power), file.clone(), output)?,
        Command::Import { file, name, power } => import(file, name.as_deref(), power.map(for_rows), output)?,
        Command::Verify { srs } => verify(&Selection::parse(srs)?, output)?,
        Command::List => list(output)?,
    }
    Ok(Verdict::Done)
}

/// The powers that a row of 2^power entries and its salts take.
fn for_rows(power: u32) -> usize {
    mercury::num_powers(power as usize)
}

fn new(num_powers: usize, file: Option<PathBuf>, output: &Output) -> Result<()> {
    let Some(path) = file else {
        // A cached string that is longer serves, and must not shrink.
        let selection = Selection::development()?;
        let srs = selection.load(num_powers, output)?;
        return report(&srs, selection.path(), output);
    };
    let pending = files::PendingFile::create(&path, "the reference string")?;
    let srs = store::generate(num_powers, output);
    pending.finish(|writer| Ok(srs.write(writer)?))?;
    report(&srs, &path, output)
}

fn import(file: &Path, name: Option<&str>, num_powers: Option<usize>, output: &Output) -> Result<()> {
    let name = match name.or_else(|| file.file_stem()?.to_str()) {
        Some(name) => store::check_name(name)?,
        None => bail!("the name of {} is not valid text: choose one with --name", file.display()),
    };
    if name == DEVELOPMENT {
        bail!("the name `{DEVELOPMENT}` is taken by the development reference string: choose another with --name");
    }
    let mut source = files::open(file, "the ceremony file")?;
    let available = Srs::ptau_powers(&mut source).with_context(|| file.display().to_string())?;
    let num_powers = num_powers.unwrap_or_else(|| usize::try_from(available).unwrap_or(usize::MAX).min(for_rows(MAX_POWER)));
    let selection = Selection::named(name)?;
    files::create_folder(&cache::srs_folder()?, "the cache folder")?;
    let pending = files::PendingFile::create(selection.path(), "the reference string")?;
    let bar = output.progress("importing powers of tau", num_powers as u64);
    let imported = Srs::import_ptau(&mut source, Some(num_powers), &mut OsRng, &|n| bar.inc(n as u64));
    bar.finish_and_clear();
    let srs = imported.with_context(|| file.display().to_string())?;
    pending.finish(|writer| Ok(srs.write(writer)?))?;
    output.line(format_args!(
        "imported {} powers as `{name}`; use it with --srs {name}\n\
         The points are powers of one tau. That someone in the ceremony was honest is for its own verification to show.",
        srs.num_powers()
    ));
    report(&srs, selection.path(), output)
}

fn verify(selection: &Selection, output: &Output) -> Result<()> {
    let srs = selection.load_whole()?;
    let spinner = output.spinner("checking the powers against each other");
    let checked = srs.verify_consistency(&mut OsRng);
    spinner.finish_and_clear();
    checked.with_context(|| selection.path().display().to_string())?;
    output.line("consistent: every point is the next power of one tau");
    report(&srs, selection.path(), output)
}

fn list(output: &Output) -> Result<()> {
    let folder = cache::srs_folder()?;
    let mut found = Vec::new();
    for (name, path) in store::cached(&folder)? {
        match files::open(&path, "the reference string").and_then(|mut f| Ok(Header::read(&mut f)?)) {
            Ok(header) => {
                let digest = hex(&header.digest);
                let (powers, origin) = (header.num_powers, header.origin.name());
                output.line(format_args!("{name:20} {origin:12} {powers:>10} powers  {digest}"));
                found.push(json!({ "name": name, "origin": origin, "powers": powers, "digest": digest, "path": path }));
            }
            Err(error) => output.warn(format_args!("{}: {error:#}", path.display())),
        }
    }
    if found.is_empty() {
        output.line("no reference strings yet: the development one is generated when it is first needed");
    }
    output.line(format_args!("in {}", folder.display()));
    output.object(&json!({ "folder": folder, "reference_strings": found }))
}

fn report(srs: &Srs, path: &Path, output: &Output) -> Result<()> {
    let (digest, powers, origin) = (hex(&srs.digest()), srs.num_powers(), srs.origin.name());
    let size = fs::metadata(path).map_or(0, |m| m.len());
    output.line(format_args!("{}\n{origin}, {powers} powers, {}, digest {digest}", path.display(), bytes(size)));
    if srs.origin == Origin::Development {
        output.line(store::NOT_FOR_PRODUCTION);
    }
    output.object(&json!({ "path": path, "origin": origin, "powers": powers, "digest": digest }))
}
