//! A job from post to payment on a chain of its own, as `contracts/e2e/anvil.sh` starts it.
//!
//! ```text
//! e2e URL                             with synthetic receipts
//! e2e URL KEY ARTIFACT COMMAND        with those of a prover: a key, its compiled verifier, and a shell command that
//!                                     proves under the context $ASSAY_CONTEXT (hexadecimal) into the file $ASSAY_RECEIPT
//! ```
//! With the variable ASSAY_SUBMIT that shell command delivers the receipt: it finds $ASSAY_RECEIPT, $ASSAY_RPC, $ASSAY_ESCROW,
//! $ASSAY_JOB and the sender's key $ASSAY_ACCOUNT_KEY.
//! Exit code 0 means that the provider was paid, and that neither a thief nor a second delivery was.

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use assay_contracts::abi::hex;
use assay_contracts::client::{Address, Client, ClientError, JobEscrow, PrivateKeySigner, Refusal, U256};
use assay_contracts::{Call, client::AssayVerifier::AssayVerifierErrors, client::JobEscrow::JobEscrowErrors};
use assay_verifier::{WrapKey, WrappedReceipt};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::error::Error;
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The keys of a test chain's first accounts, known to everybody.
const KEYS: [&str; 4] = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
];
const REWARD: u64 = 5_000_000_000;
const BOND: u64 = 1_000_000_000;

/// Where receipts come from.
enum Prover {
    Synthetic(Box<synthetic::Setup>),
    Command { key: Box<WrapKey>, command: String },
}

impl Prover {
    fn key(&self) -> &WrapKey {
        match self {
            Prover::Synthetic(setup) => &setup.key,
            Prover::Command { key, .. } => key,
        }
    }

    /// A receipt for the same inputs in every call.
    fn prove(&mut self, context: &[u8]) -> Result<WrappedReceipt> {
        match self {
            Prover::Synthetic(setup) => {
                let private: Vec<_> = setup.key.private_rows().iter().map(|rows| vec![3u64.into(); *rows]).collect();
                Ok(setup.receipt_for(11u64.into(), &private, context))
            }
            Prover::Command { command, .. } => {
                let path = std::env::temp_dir().join(format!("assay-e2e-{}.receipt", std::process::id()));
                let mut shell = std::process::Command::new("sh");
                let status = shell.args(["-c", command]).env("ASSAY_CONTEXT", hex(context)).env("ASSAY_RECEIPT", &path).status()?;
                if !status.success() {
                    return Err(format!("the prover's command ended with {status}").into());
                }
                let receipt = WrappedReceipt::decode(&std::fs::read(&path)?)?;
                std::fs::remove_file(path)?;
                Ok(receipt)
            }
        }
    }
}

/// The creation bytecode of an artifact.
fn bytecode(path: &Path) -> Result<Vec<u8>> {
    let artifact: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let text = artifact["bytecode"].as_str().ok_or("an artifact without bytecode")?.trim_start_matches("0x");
    (0..text.len()).step_by(2).map(|i| Ok(u8::from_str_radix(&text[i..i + 2], 16)?)).collect()
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    let (url, mut prover, verifier_code) = match arguments.as_slice() {
        [url] => {
            let setup = synthetic::fixtures::setup("PrivateVerifier");
            (url, Prover::Synthetic(Box::new(setup)), bytecode(&artifacts.join("PrivateVerifier.json"))?)
        }
        [url, key, artifact, command] => {
            let key = Box::new(WrapKey::decode(&std::fs::read(key)?)?);
            (url, Prover::Command { key, command: command.clone() }, bytecode(Path::new(artifact))?)
        }
        _ => return Err("usage: e2e URL [KEY ARTIFACT COMMAND]".into()),
    };
    let mut clients = vec![];
    for key in KEYS {
        clients.push(Client::new(url, key.parse::<PrivateKeySigner>()?)?);
    }
    let [owner, requester, provider, thief] = clients.as_slice() else { return Err("four accounts".into()) };

    // The market.
    let router = owner.deploy(&bytecode(&artifacts.join("AssayRouter.json"))?, &[owner.account().into_word()])?;
    let verifier = owner.deploy(&verifier_code, &[])?;
    let escrow = owner.deploy(&bytecode(&artifacts.join("JobEscrow.json"))?, &[router.value.into_word()])?;
    owner.add_verifier(router.value, verifier.value)?;
    println!("router   {} ({} gas)", router.value, router.gas);
    println!("verifier {} ({} gas)", verifier.value, verifier.gas);
    println!("escrow   {} ({} gas)", escrow.value, escrow.gas);
    let escrow = escrow.value;
    if owner.verifier_of(router.value, prover.key().selector())? != verifier.value {
        return Err("the verifier has another selector than the key".into());
    }

    // The requester knows its inputs' digest from a receipt of its own; any context will do.
    let receipt = prover.prove(b"")?;
    let input_digest = receipt.statement.input_digest();
    let request = JobEscrow::Request {
        programId: prover.key().program_id.into(),
        selector: prover.key().selector().into(),
        inputDigest: input_digest.into(),
        token: Address::ZERO,
        reward: U256::from(REWARD),
        bond: u128::from(BOND),
        lockWindow: 600,
        deadline: (requester.now()? + 86_400).try_into()?,
    };
    let posted = requester.post(escrow, request, "an end-to-end test")?;
    let job = posted.value;
    println!("job      {job} ({} gas)", posted.gas);

    let locked = provider.lock(escrow, job, U256::from(BOND))?;
    println!("locked   by {} ({} gas)", provider.account(), locked.gas);

    // What is refused: a receipt under another context, and somebody else's.
    expect(provider.submit(escrow, job, &Call::new(prover.key(), &receipt)?), "a receipt under another context", invalid)?;
    let stolen = prover.prove(&thief.context(escrow, job, thief.account())?)?;
    expect(thief.submit(escrow, job, &Call::new(prover.key(), &stolen)?), "a receipt of somebody without the lock", invalid)?;

    let receipt = prover.prove(&provider.context(escrow, job, provider.account())?)?;
    let call = Call::new(prover.key(), &receipt)?;
    refuses_mutations(owner, verifier.value, &call)?;
    // Sent by the thief, who saw it in the pool: the provider is paid nevertheless.
    match std::env::var("ASSAY_SUBMIT") {
        Ok(command) => submit_by(&command, &receipt, url, escrow, job)?,
        Err(_) => println!("receipt  accepted ({} gas)", thief.submit(escrow, job, &call)?.gas),
    }
    expect(provider.submit(escrow, job, &call), "a second delivery", |refusal| {
        matches!(refusal, Refusal::Escrow(JobEscrowErrors::WrongStatus(_)))
    })?;

    let credit = provider.balance(escrow, Address::ZERO, provider.account())?;
    let paid = provider.withdraw(escrow, Address::ZERO, provider.account())?;
    println!("paid     {} wei ({} gas)", paid.value, paid.gas);
    if credit != U256::from(REWARD + BOND) || paid.value != credit {
        return Err(format!("the provider has {credit} and was paid {}, expected {}", paid.value, REWARD + BOND).into());
    }
    let state = provider.job(escrow, job)?;
    let outputs_hash = assay_contracts::abi::keccak(call.outputs.as_flattened());
    if state.status != JobEscrow::JobStatus::Completed || state.outputsHash != outputs_hash {
        return Err(format!("the job is {:?}, with outputs {}", state.status, state.outputsHash).into());
    }
    if !provider.balance(escrow, Address::ZERO, thief.account())?.is_zero() {
        return Err("the thief was paid".into());
    }
    println!("the job is completed and paid");
    Ok(())
}

/// Asks the verifier about 300 calls, each with one byte of an argument changed: it must refuse every one.
fn refuses_mutations(client: &Client, verifier: Address, call: &Call) -> Result<()> {
    client.verify(verifier, call)?;
    let mut rng = ChaCha20Rng::seed_from_u64(300);
    let mut refused = 0;
    while refused < 300 {
        let mut changed = call.clone();
        let outputs = changed.outputs.len();
        let bytes: &mut [u8] = match rng.gen_range(0..8) {
            0 => &mut changed.inputs,
            1 if !changed.hidden.is_empty() => &mut changed.hidden,
            2 if outputs > 0 => &mut changed.outputs[rng.gen_range(0..outputs)],
            3 => &mut changed.context_hash,
            _ => &mut changed.seal,
        };
        let at = rng.gen_range(0..bytes.len());
        bytes[at] ^= rng.gen_range(1..=255u8);
        if client.verify(verifier, &changed).is_ok() {
            return Err(format!("a call with byte {at} of an argument changed was accepted").into());
        }
        refused += 1;
    }
    println!("refused  {refused} changed calls");
    Ok(())
}

/// Delivers a receipt with a shell command, which finds what it needs in its environment.
fn submit_by(command: &str, receipt: &WrappedReceipt, url: &str, escrow: Address, job: U256) -> Result<()> {
    let path = std::env::temp_dir().join(format!("assay-e2e-{}.delivery", std::process::id()));
    std::fs::write(&path, receipt.encode())?;
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", command]).env("ASSAY_RECEIPT", &path).env("ASSAY_RPC", url).env("ASSAY_ACCOUNT_KEY", KEYS[3]);
    let status = shell.env("ASSAY_ESCROW", escrow.to_string()).env("ASSAY_JOB", job.to_string()).status()?;
    std::fs::remove_file(path)?;
    if !status.success() {
        return Err(format!("the delivery's command ended with {status}").into());
    }
    println!("receipt  accepted, delivered by the command");
    Ok(())
}

fn invalid(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Verifier(AssayVerifierErrors::InvalidProof(_)))
}

/// Checks that a call is refused, and why.
fn expect<T>(found: std::result::Result<T, ClientError>, what: &str, why: fn(&Refusal) -> bool) -> Result<()> {
    match found {
        Ok(_) => Err(format!("{what} was accepted").into()),
        Err(ClientError::Refused { reason, .. }) if why(&reason) => {
            println!("refused  {what}: {reason}");
            Ok(())
        }
        Err(error) => Err(format!("{what}: {error}").into()),
    }
}
