//! Self-tests of GPUs, and what came of them, kept in the cache for as long as nothing changes that they depend on.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use assay_gpu::Cuda;
use assay_gpu::cuda::{Fault, Identity, limit_waits};
use serde::{Deserialize, Serialize};

use super::about::driver;
use super::gpu_settings::wait_limit;
use crate::cache;
use crate::files;
use crate::output::{Output, hex, sentence};

/// The longest wait of a test: it asks for milliseconds of work at a time, and somebody waits for a proof behind it.
const TEST_LIMIT: Duration = Duration::from_secs(30);

/// A test, as it is kept.
#[derive(PartialEq, Serialize, Deserialize)]
struct Record {
    /// What was tested.
    subject: Subject,
    /// What was wrong, if anything.
    fault: Option<String>,
}

/// What a verdict holds for: all of these, as they are.
#[derive(PartialEq, Serialize, Deserialize)]
struct Subject {
    device: String,
    uuid: String,
    driver: String,
    kernels: String,
    program: String,
}

impl Subject {
    fn new(identity: &Identity) -> Self {
        Subject {
            device: identity.name.clone(),
            uuid: hex(&identity.uuid),
            driver: driver(identity.driver),
            kernels: format!("{:016x}", identity.kernels),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// One file a device: a new driver's verdict takes the place of the last one's.
    fn path(&self) -> Result<PathBuf> {
        Ok(cache::folder()?.join("gpu").join(format!("{}.json", self.uuid)))
    }
}

/// What came of the last test, if it is known: the fault of a device that failed.
pub fn recall(identity: &Identity) -> Option<Result<(), String>> {
    let subject = Subject::new(identity);
    let record: Record = serde_json::from_slice(&fs::read(subject.path().ok()?).ok()?).ok()?;
    (record.subject == subject).then(|| record.fault.map_or(Ok(()), Err))
}

/// Tests a device, and keeps what came of it. The seconds are those of the test, with those that the driver took to translate kernels
/// which it had not seen before.
///
/// # Errors
/// A limit of waits that is none.
pub fn test(cuda: Cuda, identity: &Identity, output: &Output) -> Result<(Result<(), Fault>, f64)> {
    let limit = wait_limit()?;
    let spinner = output.spinner("testing the GPU, once for this driver");
    let start = Instant::now();
    limit_waits(limit.min(TEST_LIMIT));
    let tested = cuda.self_test();
    limit_waits(limit);
    let seconds = start.elapsed().as_secs_f64();
    spinner.finish_and_clear();
    // Memory that others hold now says nothing of the next time.
    if !matches!(tested, Err(Fault::NoMemory(_))) {
        let fault = tested.as_ref().err().map(Fault::to_string);
        keep(&Record { subject: Subject::new(identity), fault }, output);
    }
    Ok((tested, seconds))
}

/// Failing to is no reason to fail: the next command tests again.
fn keep(record: &Record, output: &Output) {
    let stored = || -> Result<()> {
        let path = record.subject.path()?;
        files::create_folder(path.parent().unwrap_or(&path), "the cache folder")?;
        files::write(&path, &serde_json::to_vec_pretty(record)?, "the GPU's verdict")
    };
    if let Err(error) = stored() {
        output.warn(sentence(&error));
    }
}
