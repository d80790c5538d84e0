//! `assay ceremony finalize`: the beacon, and the keys.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use assay_prover::ceremony::{Beacon, finish, verify, write_key};
use assay_prover::iden3;
use rand::rngs::OsRng;

use super::source::Source;
use super::{STATE, read_state, report};
use crate::files::PendingFile;
use crate::output::{Output, Verdict};

/// Where the beacon and the results go.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The ceremony file of the last participant, or a finished one to write its keys again
    file: PathBuf,
    /// The beacon: a public value in hexadecimal that nobody could foresee, fixed before the ceremony began
    #[arg(long, value_name = "HEX")]
    beacon: Option<String>,
    /// log2 of how often the beacon is hashed
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(10..=30))]
    iterations: u8,
    /// What to call the beacon
    #[arg(long, default_value = "beacon")]
    name: String,
    /// Write the finished ceremony file, which anyone can verify
    #[arg(long, short, value_name = "FILE", required_unless_present_any = ["key", "zkey", "vkey"])]
    output: Option<PathBuf>,
    /// Write the proving key as arkworks serialises it, uncompressed
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Write the proving key and the transcript as snarkjs reads them
    #[arg(long, value_name = "FILE")]
    zkey: Option<PathBuf>,
    /// Write the verifying key as JSON
    #[arg(long, value_name = "FILE")]
    vkey: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args, output: &Output) -> Result<Verdict> {
    let beacon = args.beacon.as_deref().map(|text| Ok::<_, anyhow::Error>(Beacon::new(parse_hex(text)?, args.iterations)?)).transpose()?;
    let mut state = read_state(&args.file)?;
    // Finds out before the long part whether the results can be stored.
    let pending = |path: &Option<PathBuf>, what: &str| path.as_ref().map(|path| PendingFile::create(path, what)).transpose();
    let (state_file, key_file) = (pending(&args.output, STATE)?, pending(&args.key, "the proving key")?);
    let (zkey_file, vkey_file) = (pending(&args.zkey, "the zkey")?, pending(&args.vkey, "the verifying key")?);
    let (circuit, initial) = args.source.initial(output)?;
    let spinner = output.spinner("checking the contributions and making the keys");
    // A beacon on top of a spoiled ceremony would hide whose fault it is.
    let checked = verify(&initial, &state, &mut OsRng);
    let finished = checked.and_then(|()| {
        if let Some(beacon) = beacon {
            state.apply_beacon(beacon, &args.name)?;
        }
        finish(initial, &state, &mut OsRng)
    });
    spinner.finish_and_clear();
    let key = match finished {
        Err(error) if error.is_verdict() => {
            output.line(format_args!("INVALID: {error}"));
            output.object(&serde_json::json!({ "valid": false, "reason": error.to_string() }))?;
            return Ok(Verdict::Invalid);
        }
        finished => finished.with_context(|| args.file.display().to_string())?,
    };
    if let Some(file) = state_file {
        file.finish(|writer| Ok(state.write(writer)?))?;
    }
    if let Some(file) = key_file {
        file.finish(|writer| Ok(write_key(&key, writer)?))?;
    }
    if let Some(file) = zkey_file {
        file.finish(|writer| Ok(iden3::write_zkey(&circuit, &key, &state, writer)?))?;
    }
    if let Some(file) = vkey_file {
        file.finish(|writer| Ok(writer.write_all(iden3::verifying_key_json(&key.vk).as_bytes())?))?;
    }
    let named = [("ceremony", &args.output), ("proving key", &args.key), ("zkey", &args.zkey), ("verifying key", &args.vkey)];
    let written: Vec<(&str, &Path)> = named.into_iter().filter_map(|(what, path)| Some((what, path.as_deref()?))).collect();
    report(&written, &state, output)?;
    Ok(Verdict::Done)
}

fn parse_hex(text: &str) -> Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let values: Option<Vec<u8>> = digits.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    match values {
        Some(values) if values.len() % 2 == 0 => Ok(values.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()),
        _ => bail!("the beacon {text:?} is not an even number of hexadecimal digits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beacons_are_pairs_of_hexadecimal_digits() {
        assert_eq!(parse_hex("0x00fF").unwrap(), [0, 255]);
        assert_eq!(parse_hex("10").unwrap(), [16]);
        for wrong in ["1", "0x123", "zz", "é", "+1"] {
            assert!(parse_hex(wrong).is_err(), "{wrong}");
        }
    }
}
