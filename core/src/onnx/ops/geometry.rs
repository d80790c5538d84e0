//! Sliding windows: the geometry that convolutions and pools share, and the view that lays windows out.

use crate::onnx::call::Call;
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::program::TensorId;
use crate::view::Block;

/// One spatial axis.
#[derive(Clone, Copy, Debug)]
pub(in crate::onnx) struct Axis {
    pub extent: usize,
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: usize,
    pub after: usize,
    pub out: usize,
}

impl Axis {
    /// Whether the axis is seen as it is.
    fn is_identity(&self) -> bool {
        self.kernel == 1 && self.stride == 1 && self.before == 0 && self.after == 0 && self.out == self.extent
    }

    /// Whether every window lies inside the axis.
    pub fn fits(&self) -> bool {
        let last = (self.out - 1) * self.stride + (self.kernel - 1) * self.dilation;
        self.before == 0 && last < self.extent
    }

    /// The entries of window `position` that lie inside the axis.
    pub fn inside(&self, position: usize) -> usize {
        self.within(position, 0, self.extent as i64)
    }

    /// The entries of window `position` that lie inside the axis or its declared padding.
    pub fn inside_padded(&self, position: usize) -> usize {
        self.within(position, -(self.before as i64), (self.extent + self.after) as i64)
    }

    fn within(&self, position: usize, from: i64, to: i64) -> usize {
        let start = (position * self.stride) as i64 - self.before as i64;
        let dilation = self.dilation as i64;
        // Taps below a bound: start + tap * dilation < bound.
        let below = |bound: i64| (bound - start + dilation - 1).div_euclid(dilation).clamp(0, self.kernel as i64);
        (below(to) - below(from)).max(0) as usize
    }
}

/// Reads strides, pads, dilations and auto_pad for the spatial extents and kernel.
pub(in crate::onnx) fn axes(call: &Call<'_>, spatial: &[usize], kernel: &[usize]) -> Result<Vec<Axis>, Fault> {
    let rank = spatial.len();
    if let Some(declared) = call.ints("kernel_shape")?
        && declared.iter().map(|&k| usize::try_from(k).unwrap_or(0)).ne(kernel.iter().copied())
    {
        return Err(Fault::invalid(format!("kernel_shape {declared:?} does not match the weights' {kernel:?}")));
    }
    let list = |name: &str, default: i64, len: usize, least: i64| -> Result<Vec<usize>, Fault> {
        let values = call.ints(name)?.map_or_else(|| vec![default; len], <[i64]>::to_vec);
        if values.len() != len || values.iter().any(|v| !(least..=1 << 24).contains(v)) {
            return Err(Fault::invalid(format!("{name} {values:?} must be {len} numbers of at least {least}")));
        }
        Ok(values.iter().map(|&v| v as usize).collect())
    };
    let strides = list("strides", 1, rank, 1)?;
    let dilations = list("dilations", 1, rank, 1)?;
    let pads = list("pads", 0, 2 * rank, 0)?;
    let auto = call.text("auto_pad", "NOTSET")?;
    let ceil = call.int("ceil_mode", 0)? != 0;
    (0..rank)
        .map(|i| {
            let (extent, stride, dilation) = (spatial[i], strides[i], dilations[i]);
            let reach = kernel[i].checked_sub(1).and_then(|k| k.checked_mul(dilation)).map(|r| r + 1);
            let reach = reach.ok_or_else(|| Fault::invalid(format!("its kernel {kernel:?} has an empty axis")))?;
            let (before, after) = match auto {
                "NOTSET" | "" => (pads[i], pads[rank + i]),
                "VALID" => (0, 0),
                "SAME_UPPER" | "SAME_LOWER" => {
                    let total = ((extent.div_ceil(stride) - 1) * stride + reach).saturating_sub(extent);
                    let less = total / 2;
                    if auto == "SAME_UPPER" { (less, total - less) } else { (total - less, less) }
                }
                other => return Err(Fault::unsupported(format!("auto_pad `{other}`"), "use NOTSET, VALID, SAME_UPPER or SAME_LOWER")),
            };
            let room = (extent + before + after).checked_sub(reach);
            let room = room.ok_or_else(|| Fault::invalid(format!("its window of {reach} exceeds the padded axis of {extent}")))?;
            let mut out = room / stride + 1;
            if ceil && room % stride != 0 && out * stride < extent + before {
                out += 1;
            }
            Ok(Axis { extent, kernel: kernel[i], stride, dilation, before, after, out })
        })
        .collect()
}

/// A tensor `[n, channels, spatial..]` laid out in windows, and the labels of its axes: `n`, then `g` and `c` as the
/// groups need them, then for each spatial axis its position (`A`, `B`, `C`) and its tap (`i`, `j`, `k`; none for
/// kernels of 1).
pub(in crate::onnx) struct Windows {
    pub tensor: TensorId,
    pub labels: Vec<u8>,
}

/// Position labels.
pub(in crate::onnx) const POSITIONS: [u8; 3] = [b'A', b'B', b'C'];
/// Tap labels.
pub(in crate::onnx) const TAPS: [u8; 3] = [b'i', b'j', b'k'];

/// Lays out windows; `groups` splits the channels, `fill` stands outside the tensor.
pub(in crate::onnx) fn windows(cx: &mut Context, x: TensorId, axes: &[Axis], groups: usize, fill: i64) -> Result<Windows, Fault> {
    let from = cx.shape_of(x);
    let per_group = from[1] / groups;
    let (mut shape, mut labels, mut blocks) = (vec![from[0]], vec![b'n'], vec![Block::same(0, 0)]);
    match (groups, per_group) {
        (1, _) => {
            blocks.push(Block::same(1, 1));
            shape.push(from[1]);
            labels.push(b'c');
        }
        (_, 1) => {
            blocks.push(Block::same(1, 1));
            shape.push(from[1]);
            labels.push(b'g');
        }
        _ => {
            blocks.push(Block { src_axes: vec![1], out_axes: vec![1, 2], coefs: vec![per_group as i64, 1], offset: 0, masked: false });
            shape.extend([groups, per_group]);
            labels.extend([b'g', b'c']);
        }
    }
    let mut identity = groups == 1 || per_group == 1;
    for (i, axis) in axes.iter().enumerate() {
        let (position, offset) = (shape.len(), -(axis.before as i64));
        shape.push(axis.out);
        labels.push(POSITIONS[i]);
        identity &= axis.is_identity();
        blocks.push(if axis.is_identity() {
            Block::same(i + 2, position)
        } else if axis.kernel == 1 {
            Block::strided(i + 2, position, axis.stride as i64, offset)
        } else {
            shape.push(axis.kernel);
            labels.push(TAPS[i]);
            Block::window(i + 2, [position, position + 1], axis.stride as i64, axis.dilation as i64, offset)
        });
    }
    cx.check_size(&shape)?;
    let tensor = if identity { x } else { cx.builder.view(x, &shape, blocks, fill)? };
    Ok(Windows { tensor, labels })
}
