//! Loading the stand-in for the CUDA driver.

#![allow(unsafe_code)]

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
    time::Instant,
};

use assay_gpu::Cuda;
use libloading::Library;

use crate::library;

/// Forward, backward, shuffled; or the one that `SHIM_ORDER` names.
fn orders() -> Vec<u64> {
    std::env::var("SHIM_ORDER").ok().and_then(|order| order.parse().ok()).map_or_else(|| vec![0, 1, 7], |order| vec![order])
}

struct StandIn {
    library: Library,
    cuda: Cuda,
}

/// Runs a check in each order of threads, or says why there is no stand-in.
pub fn in_every_order(check: impl Fn(&Cuda)) {
    in_orders(&orders(), |cuda, _| check(cuda));
}

/// Runs a check in one order of threads, with the library.
pub fn in_one_order(check: impl Fn(&Cuda, &Library)) {
    in_orders(&orders()[..1], check);
}

fn in_orders(orders: &[u64], check: impl Fn(&Cuda, &Library)) {
    // The order is the process's, and the stand-in uses all cores by itself.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let stand_in = match stand_in() {
        Ok(stand_in) => stand_in,
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return;
        }
    };
    for &order in orders {
        let start = Instant::now();
        stand_in.set_order(order);
        let before = stand_in.live_allocations();
        check(&stand_in.cuda, &stand_in.library);
        // What stays is the table of roots.
        assert!(stand_in.live_allocations() <= before + 1, "device memory was not freed");
        eprintln!("order {order}: {:.1} s", start.elapsed().as_secs_f64());
    }
}

impl StandIn {
    fn set_order(&self, order: u64) {
        // SAFETY: the library exports a function of this type.
        unsafe { self.library.get::<extern "C" fn(u64)>(b"shim_set_order").expect("shim_set_order")(order) }
    }

    fn live_allocations(&self) -> u64 {
        // SAFETY: the library exports a function of this type.
        unsafe { self.library.get::<extern "C" fn() -> u64>(b"shim_live_allocations").expect("shim_live_allocations")() }
    }
}

/// The bytes of live allocations on each of so many devices.
pub fn live_bytes(devices: usize) -> Vec<u64> {
    of_each(devices, b"shim_live_bytes")
}

/// The kernels that each of so many devices has run.
pub fn launches(devices: usize) -> Vec<u64> {
    of_each(devices, b"shim_launches")
}

fn of_each(devices: usize, name: &[u8]) -> Vec<u64> {
    let stand_in = stand_in().expect("the stand-in that runs this");
    // SAFETY: the library exports functions of this type by these names.
    let of = unsafe { stand_in.library.get::<extern "C" fn(i32) -> u64>(name).expect("a function of the stand-in") };
    (0..devices as i32).map(|device| of(device)).collect()
}

fn stand_in() -> Result<&'static StandIn, String> {
    static STAND_IN: OnceLock<Result<StandIn, String>> = OnceLock::new();
    STAND_IN.get_or_init(open).as_ref().map_err(Clone::clone)
}

/// Loads the library, which answers to the name of the CUDA driver from here on, in this process.
pub fn load() -> Result<Library, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let path = BUILT.get_or_init(|| library::built(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cuda"))).as_ref().map_err(Clone::clone)?;
    // SAFETY: loads what was just built.
    Ok(unsafe { Library::new(path) }.expect("the stand-in loads"))
}

fn open() -> Result<StandIn, String> {
    let library = load()?;
    let cuda = Cuda::detect().expect("the stand-in is a device");
    assert_eq!(cuda.device_name(), "CPU stand-in", "a real driver was loaded in its place");
    Ok(StandIn { library, cuda })
}
