//! Programs on the device: tensors stay there from the first node to the proof.

use std::{borrow::Cow, sync::Arc};

use assay_core::{
    DType, Ints as HostInts, Shape,
    execute::{Gather, Machine, Operand, Product},
    program::{Rounding, Table},
    view::View,
};

use super::{Cuda, gather::gather, memory::Ints, tensors};
use crate::{Backend, Executor, IntSlice};

impl Cuda {
    /// The product of matrices of any types, in a type that holds it.
    fn multiply(&self, x: &Arc<Ints>, y: &Arc<Ints>, dims: [usize; 4], wide: DType, dtype: DType) -> Arc<Ints> {
        if tensors::multiplies_bytes(x, y, dims) {
            return self.convert(&Arc::new(tensors::multiply_bytes(self.0, x, y, dims)), dtype);
        }
        let (x, y) = (self.convert(x, wide), self.convert(y, wide));
        Arc::new(tensors::multiply_wide(self.0, &x, &y, dims, dtype))
    }

    fn gathered(&self, values: &Arc<Ints>, map: Option<&Gather>, dtype: DType) -> Arc<Ints> {
        map.map_or_else(|| values.clone(), |map| Arc::new(gather(self.0, values, map, dtype)))
    }
}

impl Machine for Cuda {
    type Tensor = Arc<Ints>;

    fn place(&self, values: &HostInts, dtype: DType) -> Arc<Ints> {
        self.convert(&Arc::new(self.upload_ints(values.into())), dtype)
    }

    fn fetch<'a>(&self, values: &'a Arc<Ints>) -> Cow<'a, HostInts> {
        Cow::Owned(values.fetch(self.0))
    }

    fn convert(&self, values: &Arc<Ints>, dtype: DType) -> Arc<Ints> {
        if values.dtype() == Some(dtype) {
            return values.clone();
        }
        Arc::new(tensors::combine(self.0, &[(values, 1)], 0, dtype))
    }

    fn min_max(&self, values: &Arc<Ints>) -> (i64, i64) {
        tensors::min_max(self.0, values)
    }

    fn view(&self, src: &Arc<Ints>, from: &Shape, view: &View, dtype: DType) -> Arc<Ints> {
        Arc::new(gather(self.0, src, &Gather::of_view(view, from), dtype))
    }

    fn linear(&self, terms: &[(&Arc<Ints>, i64)], constant: i64, dtype: DType) -> Arc<Ints> {
        let terms: Vec<(&Ints, i64)> = terms.iter().map(|(ints, coef)| (&***ints, *coef)).collect();
        Arc::new(tensors::combine(self.0, &terms, constant, dtype))
    }

    fn contract(&self, x: Operand<'_, Arc<Ints>>, y: Operand<'_, Arc<Ints>>, out_axes: &[u8], shape: &Shape, dtype: DType) -> Arc<Ints> {
        let product = Product::new(&x, &y, out_axes, shape);
        let types = [x.node.storage(), y.node.storage()];
        // Bytes stay bytes; what becomes wide does so as it is gathered.
        let wide = if types.iter().all(|t| *t != DType::I64) { DType::I32 } else { DType::I64 };
        let packed = if types.iter().all(|t| t.num_bytes() == 1) { types } else { [wide; 2] };
        let (left, right) =
            (self.gathered(x.data, product.left.as_ref(), packed[0]), self.gathered(y.data, product.right.as_ref(), packed[1]));
        let z = self.multiply(&left, &right, product.dims, wide, dtype);
        self.gathered(&z, product.result.as_ref(), dtype)
    }

    fn mul(&self, a: &Arc<Ints>, b: &Arc<Ints>, dtype: DType) -> Arc<Ints> {
        Arc::new(tensors::pairwise(self.0, "multiply_entries", a, b, dtype))
    }

    fn div(&self, x: &Arc<Ints>, d: &Arc<Ints>, dtype: DType) -> Arc<Ints> {
        Arc::new(tensors::pairwise(self.0, "divide_entries", x, d, dtype))
    }

    fn lookup(&self, x: &Arc<Ints>, table: &Table, held: Option<&Arc<Ints>>, dtype: DType) -> Arc<Ints> {
        let values = held.cloned().unwrap_or_else(|| Arc::new(Ints::upload(self.0, IntSlice::I32(&table.values))));
        Arc::new(tensors::look_up(self.0, x, &values, table.lo, dtype))
    }

    fn round_shift(&self, x: &Arc<Ints>, shift: u32, rounding: Rounding, dtype: DType) -> Arc<Ints> {
        let rule = match rounding {
            Rounding::Floor => 0,
            Rounding::HalfUp => 1,
            Rounding::HalfEven => 2,
        };
        Arc::new(tensors::round_shift(self.0, x, shift, rule, dtype))
    }

    fn zeros(&self, dtype: DType, len: usize) -> Arc<Ints> {
        Arc::new(Ints::zeroed(self.0, dtype, len))
    }

    fn write_at(&self, target: &mut Arc<Ints>, start: usize, values: &Arc<Ints>) {
        let target = Arc::get_mut(target).expect("a tensor that is being filled has no clones");
        target.write_at(self.0, start, values);
    }
}

impl Executor for Cuda {
    fn limb(&self, x: &Arc<Ints>, add: i64, low: u32, width: u32) -> Arc<Ints> {
        let dtype = if width <= 8 { DType::U8 } else { DType::U16 };
        Arc::new(tensors::limb(self.0, x, add, low, width, None, dtype))
    }

    fn limb_exceeds(&self, x: &Arc<Ints>, add: i64, low: u32, width: u32, most: u64) -> Arc<Ints> {
        Arc::new(tensors::limb(self.0, x, add, low, width, Some(most), DType::U8))
    }

    fn count(&self, terms: &[(&Arc<Ints>, i64)], constant: i64, size: usize) -> (Vec<u32>, usize) {
        let terms: Vec<(&Ints, i64)> = terms.iter().map(|(ints, coef)| (&***ints, *coef)).collect();
        assert!(!terms.is_empty(), "a histogram of nothing");
        let (counts, outside) = tensors::histogram(self.0, &terms, constant, size);
        (counts.download(self.0, 0, size), outside)
    }
}
