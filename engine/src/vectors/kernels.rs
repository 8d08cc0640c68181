//! The two inner loops of vector search, in two versions that give the same integers.
//!
//! In: codes as `quantize` lays them out. Out: coarse scores of 64 rows at a time, and exact integer
//! dot products of one row. The version is chosen once at run time ([`Isa::best`]) and may be forced.

use crate::Isa;

/// Rows whose codes lie interleaved, so that one lookup instruction serves many rows.
pub(super) const BLOCK_ROWS: usize = 64;

/// The kernels of an instruction set known to be available: holding one is the proof its instructions exist.
///
/// There are none for AVX-512: measured on Zen 4 they were no faster than AVX2, neither from memory, whose
/// bandwidth bounds the scan of a large table, nor from cache.
#[derive(Clone, Copy)]
pub(super) struct Kernels {
    isa: Isa,
}

impl Kernels {
    /// The kernels of `isa`, or of the best available set where the processor lacks it.
    pub(super) fn new(isa: Isa) -> Kernels {
        Kernels { isa: if isa.is_available() { isa } else { Isa::best() } }
    }

    /// Coarse scores of one block: for each row, the sum over its nibbles of the table entry that the
    /// nibble names.
    ///
    /// `codes` is `[code_bytes, 64] u8` (see [`slot`] for the order within the 64), `tables` is
    /// `[2 * code_bytes, 16] u8` with entries of at most 63. `code_bytes` must be even and at most
    /// 512, so that sums fit 16 bits. Bit `r` of the result is set where `scores[r] >= floor`.
    pub(super) fn scan_block(
        self,
        codes: &[u8],
        tables: &[u8],
        floor: u16,
        scores: &mut [u16; BLOCK_ROWS],
    ) -> u64 {
        let code_bytes = codes.len() / BLOCK_ROWS;
        assert!(code_bytes.is_multiple_of(2) && codes.len() == code_bytes * BLOCK_ROWS);
        assert_eq!(tables.len(), code_bytes * 32);
        match self.isa {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `new` saw that the processor has AVX2; the lengths were checked above.
            Isa::Avx2 | Isa::Avx512 => unsafe {
                x86::scan_block_avx2(codes, tables, floor, scores)
            },
            _ => scan_block_portable(codes, tables, floor, scores),
        }
    }

    /// The dot product of two codes of equal length, a multiple of 32, with values of at most 32,767.
    pub(super) fn dot(self, row: &[i16], query: &[i16]) -> i64 {
        assert!(row.len() == query.len() && row.len().is_multiple_of(32));
        match self.isa {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Isa::Avx2 | Isa::Avx512 => unsafe { x86::dot_avx2(row, query) },
            _ => dot_portable(row, query),
        }
    }
}

/// Asks for memory ahead of its use; a hint without effect on results.
pub(super) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for offset in (0..size_of_val(values)).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of x86-64, and a prefetch touches no memory in the program's sense.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().cast::<i8>().wrapping_add(offset)) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// Where in the 64 bytes of a block's code byte row `row` lies.
///
/// Rows r and r + 32 share a 16-bit lane: after widening, low bytes are the rows 0..32 in order and
/// high bytes the rows 32..64 in order.
pub(super) fn slot(row: usize) -> usize {
    (row % 32) * 2 + row / 32
}

fn scan_block_portable(
    codes: &[u8],
    tables: &[u8],
    floor: u16,
    scores: &mut [u16; BLOCK_ROWS],
) -> u64 {
    let mut by_slot = [0_u16; BLOCK_ROWS];
    for (bytes, tables) in codes.chunks_exact(BLOCK_ROWS).zip(tables.chunks_exact(32)) {
        for (sum, byte) in by_slot.iter_mut().zip(bytes) {
            let low = tables[usize::from(byte & 15)];
            let high = tables[16 + usize::from(byte >> 4)];
            *sum += u16::from(low) + u16::from(high);
        }
    }
    let mut reached = 0;
    for (row, score) in scores.iter_mut().enumerate() {
        *score = by_slot[slot(row)];
        reached |= u64::from(*score >= floor) << row;
    }
    reached
}

fn dot_portable(row: &[i16], query: &[i16]) -> i64 {
    row.iter().zip(query).map(|(left, right)| i64::from(i32::from(*left) * i32::from(*right))).sum()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::BLOCK_ROWS;

    /// # Safety
    ///
    /// Needs AVX2, `codes` of `n * 64` bytes with `n` even, `tables` of `n * 32`.
    #[target_feature(enable = "avx2")]
    pub unsafe fn scan_block_avx2(
        codes: &[u8],
        tables: &[u8],
        floor: u16,
        scores: &mut [u16; BLOCK_ROWS],
    ) -> u64 {
        let nibble = _mm256_set1_epi8(15);
        let low_byte = _mm256_set1_epi16(255);
        // Rows 0..16, 16..32, 32..48 and 48..64.
        let mut sums = [_mm256_setzero_si256(); 4];
        let mut code = codes.as_ptr();
        let mut table = tables.as_ptr();
        for _ in 0..codes.len() / 128 {
            // SAFETY: each round reads 64 bytes of `tables`; the caller promises that many.
            let entries: [__m256i; 4] = std::array::from_fn(|index| unsafe {
                _mm256_broadcastsi128_si256(_mm_loadu_si128(table.add(16 * index).cast()))
            });
            for half in 0..2 {
                // SAFETY: each round reads 128 bytes of `codes`, 32 at 0, 32, 64 and 96.
                let (first, second) = unsafe {
                    (
                        _mm256_loadu_si256(code.add(32 * half).cast()),
                        _mm256_loadu_si256(code.add(64 + 32 * half).cast()),
                    )
                };
                let sum = _mm256_add_epi8(
                    _mm256_add_epi8(
                        _mm256_shuffle_epi8(entries[0], _mm256_and_si256(first, nibble)),
                        _mm256_shuffle_epi8(
                            entries[1],
                            _mm256_and_si256(_mm256_srli_epi16::<4>(first), nibble),
                        ),
                    ),
                    _mm256_add_epi8(
                        _mm256_shuffle_epi8(entries[2], _mm256_and_si256(second, nibble)),
                        _mm256_shuffle_epi8(
                            entries[3],
                            _mm256_and_si256(_mm256_srli_epi16::<4>(second), nibble),
                        ),
                    ),
                );
                sums[half] = _mm256_add_epi16(sums[half], _mm256_and_si256(sum, low_byte));
                sums[2 + half] = _mm256_add_epi16(sums[2 + half], _mm256_srli_epi16::<8>(sum));
            }
            code = code.wrapping_add(128);
            table = table.wrapping_add(64);
        }
        let floor = _mm256_set1_epi16(floor as i16);
        let mut reached = 0;
        for (quarter, sum) in sums.into_iter().enumerate() {
            // SAFETY: `scores` holds four registers of 16 sums.
            unsafe { _mm256_storeu_si256(scores.as_mut_ptr().add(16 * quarter).cast(), sum) };
            // AVX2 compares signed lanes only: sum >= floor where max(sum, floor) == sum.
            let lanes = _mm256_cmpeq_epi16(_mm256_max_epu16(sum, floor), sum);
            let packed = _mm_packs_epi16(
                _mm256_castsi256_si128(lanes),
                _mm256_extracti128_si256::<1>(lanes),
            );
            reached |= u64::from(_mm_movemask_epi8(packed) as u16) << (16 * quarter);
        }
        reached
    }

    /// # Safety
    ///
    /// Needs AVX2 and slices of one length, a multiple of 32.
    #[target_feature(enable = "avx2")]
    pub unsafe fn dot_avx2(row: &[i16], query: &[i16]) -> i64 {
        let mut low = _mm256_setzero_si256();
        let mut high = _mm256_setzero_si256();
        for start in (0..row.len()).step_by(16) {
            // SAFETY: `start + 16` is at most the length of both slices.
            let pairs = unsafe {
                let row = _mm256_loadu_si256(row.as_ptr().add(start).cast());
                _mm256_madd_epi16(row, _mm256_loadu_si256(query.as_ptr().add(start).cast()))
            };
            // A sum of two products just fits 32 bits; of more it does not.
            low = _mm256_add_epi64(low, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(pairs)));
            high =
                _mm256_add_epi64(high, _mm256_cvtepi32_epi64(_mm256_extracti128_si256::<1>(pairs)));
        }
        let lanes = _mm256_add_epi64(low, high);
        let lanes =
            _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256::<1>(lanes));
        _mm_cvtsi128_si64(lanes) + _mm_extract_epi64::<1>(lanes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn paths() -> impl Iterator<Item = Kernels> {
        Isa::ALL.into_iter().filter(|isa| isa.is_available()).map(Kernels::new)
    }

    proptest! {
        #[test]
        fn every_path_gives_a_block_the_same_scores(
            (codes, tables) in (0_usize..20).prop_map(|pairs| pairs * 2).prop_flat_map(|bytes| {
                (vec(any::<u8>(), bytes * BLOCK_ROWS), vec(0_u8..64, bytes * 32))
            }),
            floor in 0_u16..2600,
        ) {
            let mut expected = [0; BLOCK_ROWS];
            let reached = scan_block_portable(&codes, &tables, floor, &mut expected);
            for kernels in paths() {
                let mut scores = [1; BLOCK_ROWS];
                prop_assert_eq!(kernels.scan_block(&codes, &tables, floor, &mut scores), reached);
                prop_assert_eq!(scores, expected);
            }
        }

        #[test]
        fn every_path_gives_the_same_dot_product(
            (row, query) in (0_usize..65).prop_map(|groups| groups * 32).prop_flat_map(|length| {
                (vec(-32_767_i16..=32_767, length), vec(-32_767_i16..=32_767, length))
            }),
        ) {
            let expected = dot_portable(&row, &query);
            for kernels in paths() {
                prop_assert_eq!(kernels.dot(&row, &query), expected);
            }
        }
    }

    #[test]
    fn the_largest_products_do_not_wrap() {
        let (row, query) = ([32_767; 2048], [-32_767; 2048]);
        for kernels in paths() {
            assert_eq!(kernels.dot(&row, &query), -2048 * 32_767 * 32_767);
            assert_eq!(kernels.dot(&row, &row), 2048 * 32_767 * 32_767);
        }
    }

    #[test]
    fn the_largest_sums_of_the_widest_codes_do_not_wrap() {
        let (codes, tables) = (vec![0xff; 512 * BLOCK_ROWS], vec![63; 512 * 32]);
        for kernels in paths() {
            let mut scores = [0; BLOCK_ROWS];
            let reached = kernels.scan_block(&codes, &tables, 1024 * 63, &mut scores);
            assert_eq!((reached, scores), (u64::MAX, [1024 * 63; BLOCK_ROWS]));
        }
    }
}
