//! Answers: whether a receipt holds, and what a file says.

use crate::files::{Kind, too_long};
use crate::json::Json;
use crate::statement::{self, hex};
use assay_verifier::{Error, PreparedKey, Receipt, VerifyingKey, WrapKey, WrappedReceipt};

/// What is found out about a receipt or a key.
#[derive(Default)]
struct Answer {
    kind: Option<Kind>,
    /// Whether the key's setup lets somebody forge; unknown without a key.
    development: Option<bool>,
    program: Option<String>,
    program_id: Option<String>,
    statement: Option<Json>,
}

/// Why there is no valid receipt.
struct Fault {
    place: &'static str,
    reason: String,
}

impl Fault {
    fn new(place: &'static str, reason: impl ToString) -> Fault {
        Fault { place, reason: reason.to_string() }
    }

    /// Of a receipt and a key that were both read.
    fn checking(error: &Error) -> Fault {
        let place = match error {
            Error::Program { .. } | Error::Reference { .. } | Error::WrapKey { .. } => "match",
            _ => "proof",
        };
        Fault::new(place, error)
    }
}

/// Verifies a receipt of either kind with its key. The answer is JSON: see the [crate](crate).
///
/// # Soundness
/// `valid` means that the statement in the answer holds for the key's program. Whoever reads the answer must know that the key
/// is the one of the program it has in mind, must read the statement, and must not rely on receipts of which
/// `development` is true.
pub fn verify(receipt: &[u8], key: &[u8]) -> String {
    let mut answer = Answer::default();
    let fault = check(receipt, key, &mut answer).err();
    Json::Object(vec![
        ("kind", answer.kind.and_then(Kind::name).into()),
        ("valid", fault.is_none().into()),
        ("fault", fault.as_ref().map(|f| f.place).into()),
        ("reason", fault.map(|f| f.reason).into()),
        ("development", answer.development.into()),
        ("zero_knowledge", answer.kind.map(|kind| kind == Kind::Wrapped).into()),
        ("program", answer.program.into()),
        ("statement", answer.statement.unwrap_or(Json::Null)),
    ])
    .to_string()
}

fn check(receipt: &[u8], key: &[u8], answer: &mut Answer) -> Result<(), Fault> {
    if let Some(reason) = too_long(receipt) {
        return Err(Fault::new("receipt", reason));
    }
    if let Some(reason) = too_long(key) {
        return Err(Fault::new("key", reason));
    }
    let kind = Kind::of(receipt);
    match kind {
        Kind::Inner => check_inner(receipt, key, answer),
        Kind::Wrapped => check_wrapped(receipt, key, answer),
        other => Err(Fault::new("receipt", format!("expected a receipt, found {}", other.noun()))),
    }
}

/// Checks that a key is of the kind that a receipt needs.
fn expect_key(key: &[u8], wanted: Kind) -> Result<(), Fault> {
    match Kind::of(key) {
        found if found == wanted => Ok(()),
        found => Err(Fault::new("key", format!("this receipt needs {}, but the key is {}", wanted.noun(), found.noun()))),
    }
}

fn check_inner(receipt: &[u8], key: &[u8], answer: &mut Answer) -> Result<(), Fault> {
    answer.kind = Some(Kind::Inner);
    let receipt = Receipt::decode(receipt).map_err(|e| Fault::new("receipt", e))?;
    answer.statement = Some(statement::inner(&receipt, None));
    expect_key(key, Kind::VerifyingKey)?;
    let key = VerifyingKey::decode(key).and_then(PreparedKey::new).map_err(|e| Fault::new("key", e))?;
    answer.development = Some(key.key().reference.development);
    let program = &key.key().program;
    // The names and types are the key's; they mean nothing for another program's receipt.
    if receipt.statement.program_id == key.program_id() && receipt.statement.check(program).is_ok() {
        answer.program = Some(program.name.clone());
        answer.statement = Some(statement::inner(&receipt, Some(program)));
    }
    key.verify(&receipt).map(|_| ()).map_err(|e| Fault::checking(&e))
}

fn check_wrapped(receipt: &[u8], key: &[u8], answer: &mut Answer) -> Result<(), Fault> {
    answer.kind = Some(Kind::Wrapped);
    let receipt = WrappedReceipt::decode(receipt).map_err(|e| Fault::new("receipt", e))?;
    answer.statement = Some(statement::wrapped(&receipt, None));
    expect_key(key, Kind::WrapKey)?;
    let key = WrapKey::decode(key).map_err(|e| Fault::new("key", e))?;
    answer.development = Some(key.is_development());
    let result = key.verify(&receipt);
    if receipt.statement.program_id == key.program_id && receipt.key == key.digest() {
        answer.program = Some(key.name.clone());
        answer.statement = Some(statement::wrapped(&receipt, Some(&key)));
    }
    result.map(|_| ()).map_err(|e| Fault::checking(&e))
}

/// Says what a receipt or a key is and claims, without verifying anything. The answer is JSON: see the [crate](crate).
pub fn describe(bytes: &[u8]) -> String {
    let kind = Kind::of(bytes);
    let mut answer = Answer { kind: Some(kind), ..Answer::default() };
    let reason = match too_long(bytes) {
        Some(reason) => Some(reason),
        None => read(kind, bytes, &mut answer).err(),
    };
    let mut fields = vec![
        ("kind", kind.name().into()),
        ("reason", reason.into()),
        ("development", answer.development.into()),
        ("program", answer.program.into()),
    ];
    match kind {
        Kind::VerifyingKey | Kind::WrapKey => fields.push(("program_id", answer.program_id.into())),
        Kind::Inner | Kind::Wrapped => {
            fields.push(("zero_knowledge", (kind == Kind::Wrapped).into()));
            fields.push(("statement", answer.statement.unwrap_or(Json::Null)));
        }
        Kind::Unknown => {}
    }
    Json::Object(fields).to_string()
}

fn read(kind: Kind, bytes: &[u8], answer: &mut Answer) -> Result<(), String> {
    let text = |e: Error| e.to_string();
    match kind {
        Kind::Inner => answer.statement = Some(statement::inner(&Receipt::decode(bytes).map_err(text)?, None)),
        Kind::Wrapped => answer.statement = Some(statement::wrapped(&WrappedReceipt::decode(bytes).map_err(text)?, None)),
        Kind::VerifyingKey => {
            let key = VerifyingKey::decode(bytes).map_err(text)?;
            answer.program_id = Some(hex(&key.program_id()));
            answer.development = Some(key.reference.development);
            answer.program = Some(key.program.name);
        }
        Kind::WrapKey => {
            let key = WrapKey::decode(bytes).map_err(text)?;
            answer.program_id = Some(hex(&key.program_id));
            answer.development = Some(key.is_development());
            answer.program = Some(key.name);
        }
        Kind::Unknown => return Err("this is neither a receipt nor a key of Assay".into()),
    }
    Ok(())
}
