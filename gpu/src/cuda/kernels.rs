//! The sets of kernels, and the modules that they are on a device.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use cudarc::{
    driver::{CudaContext, CudaFunction, CudaModule, DriverError},
    nvrtc::Ptx,
};

use super::failure::answer;

/// A set of kernels that is loaded on first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    Vectors,
    Transforms,
    Digits,
    FirstGroup,
    SecondGroup,
    Sparse,
    Tensors,
}

impl Kernels {
    pub const ALL: [Self; 7] =
        [Self::Vectors, Self::Transforms, Self::Digits, Self::FirstGroup, Self::SecondGroup, Self::Sparse, Self::Tensors];

    pub fn source(self) -> &'static str {
        match self {
            Self::Vectors => include_str!("../../cuda/ptx/vectors.ptx"),
            Self::Transforms => include_str!("../../cuda/ptx/ntt.ptx"),
            Self::Digits => include_str!("../../cuda/ptx/digits.ptx"),
            Self::FirstGroup => include_str!("../../cuda/ptx/g1.ptx"),
            Self::SecondGroup => include_str!("../../cuda/ptx/g2.ptx"),
            Self::Sparse => include_str!("../../cuda/ptx/sparse.ptx"),
            Self::Tensors => include_str!("../../cuda/ptx/tensors.ptx"),
        }
    }
}

/// The sets as one device has them.
pub struct Modules {
    loaded: [OnceLock<Arc<CudaModule>>; Kernels::ALL.len()],
    functions: Mutex<HashMap<&'static str, CudaFunction>>,
}

impl Modules {
    pub fn none() -> Self {
        Self { loaded: [const { OnceLock::new() }; Kernels::ALL.len()], functions: Mutex::default() }
    }

    pub fn load(&self, context: &Arc<CudaContext>, kernels: Kernels) -> Result<&Arc<CudaModule>, DriverError> {
        let module = &self.loaded[kernels as usize];
        match module.get() {
            Some(module) => Ok(module),
            None => {
                let loaded = context.load_module(Ptx::from_src(kernels.source()))?;
                Ok(module.get_or_init(|| loaded))
            }
        }
    }

    /// The kernel of this name; what is not loaded yet is loaded into the context.
    pub fn kernel<'a>(&self, kernels: Kernels, name: &'static str, context: impl FnOnce() -> &'a Arc<CudaContext>) -> CudaFunction {
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = functions.get(name) {
            return function.clone();
        }
        let function = answer(answer(self.load(context(), kernels)).load_function(name));
        functions.insert(name, function.clone());
        function
    }
}
