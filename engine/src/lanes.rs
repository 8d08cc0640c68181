//! Sixteen f32 that are computed together, in the registers of each instruction set.
//!
//! Kernels that hold a tile of sums in registers are written over [`Lanes`]: of arrays the compiler would
//! make memory. A type's functions must only run where its instructions are: `dispatched!` sees to that.

use half::f16;

/// How many values are computed together.
pub(crate) const LANES: usize = 16;

/// Sixteen f32.
pub(crate) trait Lanes: Copy {
    fn splat(value: f32) -> Self;
    fn read(from: &[f32; LANES]) -> Self;
    fn read_half(from: &[f16; LANES]) -> Self;
    fn write(self, to: &mut [f32; LANES]);
    /// `self + left * right`
    fn add_product(self, left: Self, right: Self) -> Self;
}

/// What keys, values and weights are stored as.
pub(crate) trait Element: Copy + Sync {
    fn lanes<V: Lanes>(from: &[Self; LANES]) -> V;
}

impl Element for f32 {
    #[inline(always)]
    fn lanes<V: Lanes>(from: &[f32; LANES]) -> V {
        V::read(from)
    }
}

impl Element for f16 {
    #[inline(always)]
    fn lanes<V: Lanes>(from: &[f16; LANES]) -> V {
        V::read_half(from)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; LANES]);

impl Lanes for Portable {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    fn read(from: &[f32; LANES]) -> Self {
        Self(*from)
    }

    #[inline(always)]
    fn read_half(from: &[f16; LANES]) -> Self {
        Self(from.map(f16::to_f32))
    }

    #[inline(always)]
    fn write(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    fn add_product(mut self, left: Self, right: Self) -> Self {
        for ((sum, left), right) in self.0.iter_mut().zip(left.0).zip(right.0) {
            *sum += left * right;
        }
        self
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use half::f16;

    use super::{LANES, Lanes};

    #[derive(Clone, Copy)]
    pub(crate) struct Avx2([__m256; 2]);

    // SAFETY of all blocks: the instructions are there, as the type is only used by `dispatched!`; arrays
    // of 16 values are read and written in two halves of 8.
    impl Lanes for Avx2 {
        #[inline(always)]
        fn splat(value: f32) -> Self {
            // SAFETY: see above.
            Self([unsafe { _mm256_set1_ps(value) }; 2])
        }

        #[inline(always)]
        fn read(from: &[f32; LANES]) -> Self {
            let start = from.as_ptr();
            // SAFETY: see above.
            Self(unsafe { [_mm256_loadu_ps(start), _mm256_loadu_ps(start.add(8))] })
        }

        #[inline(always)]
        fn read_half(from: &[f16; LANES]) -> Self {
            let start = from.as_ptr().cast::<__m128i>();
            // SAFETY: see above.
            Self(unsafe {
                [
                    _mm256_cvtph_ps(_mm_loadu_si128(start)),
                    _mm256_cvtph_ps(_mm_loadu_si128(start.add(1))),
                ]
            })
        }

        #[inline(always)]
        fn write(self, to: &mut [f32; LANES]) {
            let start = to.as_mut_ptr();
            // SAFETY: see above.
            unsafe {
                _mm256_storeu_ps(start, self.0[0]);
                _mm256_storeu_ps(start.add(8), self.0[1]);
            }
        }

        #[inline(always)]
        fn add_product(self, left: Self, right: Self) -> Self {
            // SAFETY: see above.
            Self(unsafe {
                [
                    _mm256_fmadd_ps(left.0[0], right.0[0], self.0[0]),
                    _mm256_fmadd_ps(left.0[1], right.0[1], self.0[1]),
                ]
            })
        }
    }

    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(__m512);

    // SAFETY of all blocks: the instructions are there, as the type is only used by `dispatched!`; arrays
    // of 16 values are read and written whole.
    impl Lanes for Avx512 {
        #[inline(always)]
        fn splat(value: f32) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_set1_ps(value) })
        }

        #[inline(always)]
        fn read(from: &[f32; LANES]) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
        }

        #[inline(always)]
        fn read_half(from: &[f16; LANES]) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.as_ptr().cast())) })
        }

        #[inline(always)]
        fn write(self, to: &mut [f32; LANES]) {
            // SAFETY: see above.
            unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
        }

        #[inline(always)]
        fn add_product(self, left: Self, right: Self) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_fmadd_ps(left.0, right.0, self.0) })
        }
    }
}

/// Divides rows into tiles of about one height, `most` at most: their first rows and heights. (No closure computes
/// in a kernel: it would be compiled without the instructions.)
pub(crate) fn tiles(rows: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = rows.div_ceil(most);
    (0..count).map(move |tile| {
        let first = tile * rows / count;
        (first, (tile + 1) * rows / count - first)
    })
}

/// Runs `body::<Lanes of the instruction set, other types>(arguments)` compiled with its instructions:
/// `dispatched!(isa, body::<Other>(argument: Kind, ...))` inside of a function that may be generic over
/// `Other: Bound`. `body` must be `#[inline(always)]`.
macro_rules! dispatched {
    ($isa:expr, $body:ident $(::<$other:ident: $bound:path>)? ($($argument:ident: $kind:ty),* $(,)?)) => {
        $crate::isa::compiled!(
            $isa, $(<$other: $bound>)? ($($argument: $kind),*),
            portable: $body::<$crate::lanes::Portable $(, $other)?>($($argument),*),
            avx2: $body::<$crate::lanes::Avx2 $(, $other)?>($($argument),*),
            avx512: $body::<$crate::lanes::Avx512 $(, $other)?>($($argument),*),
        )
    };
}
pub(crate) use dispatched;
