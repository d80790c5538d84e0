//! The backend for NVIDIA devices from Ampere on.
//!
//! Vectors, integers and prepared points live on the device, programs run there; results are equal to [`crate::Portable`]'s, bit for bit.
//! The driver's library is looked for when the program runs: one build serves machines with and without a device. The
//! kernels are the sources in `gpu/cuda`, built in as PTX, which the driver compiles for its device and caches. They have been
//! run on the CPU's stand-in for a device, not on a device yet: whoever uses one unasked has it tested before ([`Cuda::self_test`]).

mod allocation;
mod device;
mod executor;
mod failure;
mod fractions;
mod gather;
mod identity;
mod kernels;
mod launch;
mod ledger;
mod memory;
mod msm;
mod ntt;
mod opened;
mod self_test;
mod slots;
mod sparse;
mod sums;
mod tensors;
mod transfer;
mod turn;
mod typed;
mod univariate;
mod vectors;
mod wait;
mod weigh;

pub use device::Unavailable;
pub use failure::device_failure;
pub use identity::Identity;
pub use ledger::MemoryUse;
pub use memory::{Ints, Vector};
pub use msm::{Bases, BasesG2, Scalars};
pub use self_test::Fault;
pub use sparse::Matrix;
pub use wait::{USUAL_LIMIT, end_process, is_stuck, limit_waits};

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};

use std::sync::Arc;

use crate::{Backend, Executor, IntSlice, IntSum, SparseMatrix};
use device::Device;
use msm::Points;

/// An open device.
#[derive(Clone, Copy)]
pub struct Cuda(&'static Device);

impl Cuda {
    /// The first CUDA device of this machine. `CUDA_VISIBLE_DEVICES` says which ones there are, and in which order.
    ///
    /// # Errors
    /// Why there is none that this backend can use.
    pub fn detect() -> Result<Self, Unavailable> {
        Device::first().map(Self)
    }

    /// The first device, opened anew after a failure, which may have left it in a state where every call fails. Whether that
    /// helps is the driver's to say: some failures last as long as the process. Other devices take no part from here on.
    ///
    /// # Errors
    /// Why it cannot be opened.
    ///
    /// # Panics
    /// If anything of what was open before is still in memory; and so does whoever uses it afterwards.
    pub fn reopen() -> Result<Self, Unavailable> {
        Device::reopen().map(Self)
    }

    /// What the device calls itself.
    pub fn device_name(&self) -> String {
        self.0.name()
    }

    /// The newest version of CUDA that the driver serves: major and minor.
    pub fn driver_version(&self) -> (u32, u32) {
        self.0.driver_version()
    }

    /// Does small tasks on the first device, whose results are compared with the processor's.
    ///
    /// # Errors
    /// What is wrong with the device, which is not to be used then.
    pub fn self_test(&self) -> Result<(), Fault> {
        self_test::run(self)
    }

    /// Waits until the first device has done what it was asked for. Results that are numbers need no waiting.
    pub fn wait(&self) {
        self.0.wait();
    }

    /// How many devices share the sums of points. The others are opened when this, or sums that are shared, first ask for them.
    pub fn device_count(&self) -> usize {
        Device::all().len()
    }

    /// From how many points on [`Backend::prepare_bases`] and [`Backend::prepare_bases_g2`] share them between the devices there
    /// are, and from how many terms of several sums on [`Backend::msm_ints_each`] gives each device some of them, for the whole
    /// process: 2^18 unless this says otherwise. Everything else is on the first device.
    pub fn share_points_from(&self, points: usize) {
        self.0.share_from(points);
    }

    /// Limits what buffers may use of each device's memory, in bytes, for the whole process.
    ///
    /// Work that can be cut into parts is cut so that it fits. What cannot be ends as on a device that has no more memory:
    /// with a panic that [`device_failure`] tells apart, and that names what was needed, what is in use, and the limit.
    pub fn limit_memory(&self, bytes: usize) {
        Device::opened().into_iter().for_each(|device| device.limit_memory(bytes));
    }

    /// Whether the points of sums may stay on the device, where half of it is left to the work with them; otherwise they are
    /// sent for each sum. For all that are prepared from here on.
    pub fn keep_points(&self, keep: bool) {
        Device::opened().into_iter().for_each(|device| device.keep_points(keep));
    }

    /// Lets points that [`Backend::keep_bases`] and [`Backend::keep_bases_g2`] prepare from here on have multiples beside them on
    /// their device, which take at most so many bytes of it, and make sums of full scalars cheaper. None, unless this says otherwise.
    pub fn precompute_within(&self, bytes: usize) {
        Device::opened().into_iter().for_each(|device| device.multiples().limit(bytes));
    }

    /// What multiples of so many points of the first group take besides the points, of at most so many bytes.
    pub fn multiples_bytes(points: usize, within: usize) -> usize {
        msm::multiples_bytes(points, within)
    }

    /// How much of the first device's memory there is, and how much is in use.
    pub fn memory(&self) -> MemoryUse {
        self.0.memory()
    }

    /// `out[b, i, j] = sum_k x[b, i, k] y[b, k, j]` for bytes, as 32-bit integers.
    ///
    /// # Shapes
    /// Row-major `[batch, rows, inner]` and `[batch, inner, columns]`; inner at most 2^15, so that no sum overflows.
    ///
    /// # Panics
    /// On other types and lengths.
    pub fn multiply_bytes(&self, x: &Ints, y: &Ints, [batch, rows, inner, columns]: [usize; 4]) -> Ints {
        tensors::multiply_bytes(self.0, x, y, [batch, rows, inner, columns])
    }

    /// How often each of the integers from `low` up to below `low + size` occurs, and how many other ones there are.
    ///
    /// # Panics
    /// If `size` is 2^31 or more.
    pub fn histogram(&self, ints: &Ints, low: i64, size: usize) -> (Ints, usize) {
        let (counts, outside) = tensors::histogram(self.0, &[(ints, 1)], low.wrapping_neg(), size);
        (Ints::U32(counts), outside)
    }

    /// Copies integers out.
    pub fn download_ints(&self, ints: &Ints) -> Vec<i64> {
        ints.download(self.0)
    }
}

impl std::fmt::Debug for Cuda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cuda").field(&self.device_name()).finish()
    }
}

impl PartialEq for Cuda {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Cuda {}

impl Backend for Cuda {
    type Vector = Vector;
    type Ints = Ints;
    type Bases = Bases;
    type BasesG2 = BasesG2;
    type Scalars = Scalars;
    type Lent<'a> = Vector;
    type Matrix<'a> = Matrix<'a>;

    fn name(&self) -> &'static str {
        "cuda"
    }

    fn upload(&self, values: &[Fr]) -> Vector {
        Vector::upload(self.0, values)
    }

    fn download(&self, values: &Vector) -> Vec<Fr> {
        values.download(self.0, 0, values.0.len())
    }

    fn upload_ints(&self, values: IntSlice<'_>) -> Ints {
        Ints::upload(self.0, values)
    }

    fn slice_ints(&self, ints: &Ints, start: usize, len: usize) -> Ints {
        ints.copy(self.0, start, len)
    }

    fn executor(&self) -> Option<&dyn Executor<Tensor = Arc<Ints>>> {
        Some(self)
    }

    fn prepare_bases(&self, points: &[G1Affine]) -> Bases {
        Bases(Points::new(self.0, points))
    }

    fn prepare_bases_g2(&self, points: &[G2Affine]) -> BasesG2 {
        BasesG2(Points::new(self.0, points))
    }

    fn keep_bases(&self, points: &[G1Affine]) -> Bases {
        Bases(Points::for_many_sums(self.0, points))
    }

    fn keep_bases_g2(&self, points: &[G2Affine]) -> BasesG2 {
        BasesG2(Points::for_many_sums(self.0, points))
    }

    fn prepare_matrix<'a>(&self, matrix: SparseMatrix<'a>) -> Matrix<'a> {
        Matrix::new(self.0, matrix)
    }

    fn lend(&self, values: &[Fr]) -> Vector {
        self.upload(values)
    }

    fn classify(&self, values: &Vector) -> Scalars {
        Scalars::new(self.0, values)
    }

    fn len(&self, values: &Vector) -> usize {
        values.0.len()
    }

    fn get(&self, values: &Vector, index: usize) -> Fr {
        values.download(self.0, index, 1)[0]
    }

    fn duplicate(&self, values: &Vector) -> Vector {
        self.slice(values, 0, values.0.len())
    }

    fn slice(&self, values: &Vector, start: usize, len: usize) -> Vector {
        Vector(values.0.copy(self.0, start, len))
    }

    fn eq_table(&self, point: &[Fr], scale: Fr) -> Vector {
        vectors::eq_table(self.0, point, scale)
    }

    fn ints_to_field(&self, ints: &Ints) -> Vector {
        vectors::ints_to_field(self.0, ints)
    }

    fn add_scaled(&self, target: &mut Vector, offset: usize, values: &Vector, scale: Fr) {
        vectors::add_scaled(self.0, target, offset, values, scale)
    }

    fn combine_ints(&self, target: &mut Vector, offset: usize, constant: Fr, terms: &[(&Ints, Fr)]) {
        vectors::combine_ints(self.0, target, offset, constant, terms)
    }

    fn fill(&self, target: &mut Vector, offset: usize, len: usize, value: Fr) {
        vectors::fill(self.0, target, offset, len, value)
    }

    fn fold(&self, values: &mut Vector, r: Fr) {
        vectors::fold(self.0, values, r)
    }

    fn fold_ints(&self, ints: &Ints, r: Fr) -> Vector {
        vectors::fold_ints(self.0, ints, r)
    }

    fn dot(&self, a: &Vector, b: &Vector) -> Fr {
        sums::dot(self.0, a, b)
    }

    fn weigh(&self, ints: &Ints, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
        weigh::ints(self.0, ints, dims, weights)
    }

    fn weigh_field(&self, values: &Vector, dims: &[usize], weights: &[Option<&Vector>]) -> Vector {
        weigh::field(self.0, values, dims, weights)
    }

    fn multiply(&self, matrix: &Matrix<'_>, values: &Vector, len: usize) -> Vector {
        sparse::multiply(self.0, matrix, values, len)
    }

    fn first_false_product(&self, a: &Vector, b: &Vector, c: &Vector, len: usize) -> Option<usize> {
        sparse::first_false_product(self.0, [a, b, c], len)
    }

    fn product_round(&self, factors: &[&Vector], log_len: usize) -> Vec<Fr> {
        sums::product_round(self.0, factors, log_len)
    }

    fn product_round_ints(&self, ints: &Ints, factor: &Vector) -> Vec<Fr> {
        sums::product_round_ints(self.0, ints, factor)
    }

    fn fold_product_round(&self, factors: &mut [&mut Vector], log_len: usize, r: Fr) -> Vec<Fr> {
        sums::fold_product_round(self.0, factors, log_len, r)
    }

    fn fraction_layer(&self, p: &Vector, q: &Vector, log_len: usize) -> (Vector, Vector) {
        fractions::layer(self.0, p, q, log_len)
    }

    fn fraction_round(&self, layer: [&Vector; 4], tails: [Fr; 4], log_len: usize, eq: &Vector) -> [Fr; 2] {
        fractions::round(self.0, layer, tails, log_len, eq)
    }

    fn fold_fraction_round(&self, layer: &mut [Vector; 4], tails: [Fr; 4], log_len: usize, eq: &mut Vector, r: Fr) -> [Fr; 2] {
        fractions::fold_round(self.0, layer, tails, log_len, eq, r)
    }

    fn fold_tailed(&self, values: &mut Vector, log_len: usize, tail: Fr, r: Fr) {
        vectors::fold_tailed(self.0, values, log_len, tail, r)
    }

    fn split(&self, values: Vector, log_len: usize) -> (Vector, Vector) {
        vectors::split(self.0, values, log_len)
    }

    fn sum_halves(&self, values: &mut Vector) {
        vectors::sum_halves(self.0, values)
    }

    fn evaluate(&self, coefficients: &Vector, x: Fr) -> Fr {
        univariate::evaluate(self.0, coefficients, x)
    }

    fn divide(&self, coefficients: &Vector, power: usize, a: Fr) -> (Vector, Vector) {
        univariate::divide(self.0, coefficients, power, a)
    }

    fn ntt(&self, values: &mut Vector, inverse: bool) {
        ntt::transform(self.0, values, inverse)
    }

    fn quotient(&self, a: Vector, b: Vector, c: Vector) -> Vector {
        ntt::quotient(self.0, a, b, c)
    }

    fn msm(&self, bases: &Bases, offset: usize, scalars: &Vector) -> G1Projective {
        msm::msm(self.0, bases, offset, scalars)
    }

    fn msm_indexed(&self, bases: &Bases, scalars: &Scalars, indices: &[u32]) -> G1Projective {
        msm::msm_indexed(self.0, &bases.0, scalars, indices)
    }

    fn msm_g2(&self, bases: &BasesG2, scalars: &Scalars, indices: &[u32]) -> G2Projective {
        msm::msm_indexed(self.0, &bases.0, scalars, indices)
    }

    fn msm_ints(&self, bases: &Bases, offset: usize, ints: &Ints, start: usize, len: usize) -> G1Projective {
        msm::msm_ints(self.0, bases, offset, ints, start, len)
    }

    fn msm_ints_each(&self, bases: &Bases, sums: &[IntSum<'_, Ints>]) -> Vec<G1Projective> {
        msm::msm_ints_each(self.0, bases, sums)
    }
}
