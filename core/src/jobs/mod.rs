//! Built-in jobs, named on the command line as `matmul:MxKxN`, `heat2d:HxWxSTEPS` and `hardswish:HxWxC`.

mod hardswish;
mod heat2d;
mod matmul;

pub use hardswish::hardswish;
pub use heat2d::heat2d;
pub use matmul::matmul;

use crate::error::Error;
use crate::program::Program;

/// The program of a built-in job's name, or `None` if the name is not of the form `job:AxBxC`.
///
/// # Errors
/// A job that does not exist, or extents that are not three positive numbers.
pub fn by_name(name: &str) -> Option<Result<Program, Error>> {
    let (job, extents) = name.split_once(':')?;
    let numbers: Vec<usize> = extents.split('x').map_while(|n| n.parse().ok().filter(|n| *n > 0)).collect();
    let &[a, b, c] = &numbers[..] else {
        return Some(Err(Error::Invalid(format!("`{name}`: expected three positive extents, such as {job}:64x64x64"))));
    };
    if numbers.len() != extents.split('x').count() {
        return Some(Err(Error::Invalid(format!("`{name}`: expected three positive extents, such as {job}:64x64x64"))));
    }
    Some(match job {
        "matmul" => matmul(a, b, c),
        "heat2d" => heat2d(a, b, c),
        "hardswish" => hardswish(a, b, c),
        _ => Err(Error::Invalid(format!("there is no built-in job `{job}`; there are matmul:MxKxN, heat2d:HxWxSTEPS and hardswish:HxWxC"))),
    })
}
