//! The tile in which both models spend most of their time - eight rows by one panel of eight bits - in assembly.
//! From intrinsics the compiler makes code that keeps sums in memory, between as fast and half as fast by
//! what else is compiled with it.
//!
//! One panel stays in the first cache for all rows, and the instruction that multiplies takes a row's four values
//! straight from memory: nothing but it competes for its place, at one in a cycle. While it computes it asks for the
//! next panel, for which memory takes about as long.

use std::arch::asm;
use std::arch::x86_64::*;

use half::f16;

use super::TALL_ROWS as ROWS;
use crate::quantized::{Block, GROUP, PANEL};

const BLOCKS: usize = 8;

/// What the tile reads, each from its first row and its panel on.
pub(super) struct Tile<'a> {
    /// Groups of a row.
    pub(super) groups: usize,
    /// `[group][8]`
    pub(super) blocks: &'a [Block],
    /// `[group][16]`
    pub(super) scales: &'a [[f16; PANEL]],
    /// `[8 rows][group][32]`
    pub(super) values: &'a [i8],
    /// `[8 rows][group]`
    pub(super) row_scales: &'a [f32],
    /// `[8 rows][group]`
    pub(super) surplus: &'a [i32],
}

/// One product more: of a block and four values of a row.
macro_rules! product {
    ($sums:literal: $weights:literal, $row:literal, $place:literal) => {
        concat!("vpdpbusd ", $sums, ", ", $weights, ", [", $row, " + ", $place, "]{{1to16}}\n")
    };
}

/// Eight products more: of a block and four values of each row. `{one}`, `{three}`, `{five}` and `{seven}` are so
/// many times the groups of a row by four: the bytes of its scales, an eighth of those of its values. `{panel}` are
/// the bytes of a panel; asking for what lies behind the last one does no harm.
macro_rules! block {
    ($weights:literal, $block:literal, $place:literal) => {
        concat!(
            concat!("vmovdqa64 ", $weights, ", [{blocks} + ", $block, "]\n"),
            concat!("prefetcht0 [{blocks} + {panel} + ", $block, "]\n"),
            product!("zmm8": $weights, "{values}", $place),
            product!("zmm9": $weights, "{values} + 8 * {one}", $place),
            product!("zmm10": $weights, "{second} + 8 * {one}", $place),
            product!("zmm11": $weights, "{values} + 8 * {three}", $place),
            product!("zmm12": $weights, "{second} + 8 * {three}", $place),
            product!("zmm13": $weights, "{values} + 8 * {five}", $place),
            product!("zmm14": $weights, "{second} + 8 * {five}", $place),
            product!("zmm15": $weights, "{values} + 8 * {seven}", $place),
        )
    };
}

/// A row's products of the group, scaled, added to its sums.
macro_rules! scaled {
    ($place:literal: $products:literal by $scale:literal to $sums:literal) => {
        concat!(
            concat!("vmulps ", $scale, ", zmm18, [{row_scales} + ", $place, "]{{1to16}}\n"),
            concat!("vcvtdq2ps ", $products, ", ", $products, "\n"),
            concat!("vfmadd231ps ", $sums, ", ", $products, ", ", $scale, "\n"),
        )
    };
}

/// The sums of the tile, the same to the bit as those of the other tiles.
///
/// # Panics
/// If a part is too short for its groups.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn sums(tile: &Tile) -> [[f32; PANEL]; ROWS] {
    let groups = tile.groups;
    assert!(groups > 0, "a group at least");
    assert!(tile.blocks.len() >= groups * BLOCKS && tile.scales.len() >= groups);
    assert!(tile.values.len() >= ROWS * groups * GROUP);
    assert!(tile.row_scales.len() >= ROWS * groups && tile.surplus.len() >= ROWS * groups);
    let mut sums = [_mm512_setzero_ps(); ROWS];
    let [a, b, c, d, e, f, g, h] = &mut sums;
    let scales_of_row = groups * size_of::<f32>();
    // SAFETY: by the assertions everything that is read lies within the slices; `Block` is aligned to 64 bytes; no
    // memory is written, and no registers but those named.
    unsafe {
        asm!(
            "2:",
            "vpbroadcastd zmm8, [{surplus}]",
            "vpbroadcastd zmm9, [{surplus} + {one}]",
            "vpbroadcastd zmm10, [{surplus} + 2 * {one}]",
            "vpbroadcastd zmm11, [{surplus} + {three}]",
            "vpbroadcastd zmm12, [{surplus} + 4 * {one}]",
            "vpbroadcastd zmm13, [{surplus} + {five}]",
            "vpbroadcastd zmm14, [{surplus} + 2 * {three}]",
            "vpbroadcastd zmm15, [{surplus} + {seven}]",
            block!("zmm16", "0", "0"),
            block!("zmm17", "64", "4"),
            block!("zmm16", "128", "8"),
            block!("zmm17", "192", "12"),
            block!("zmm16", "256", "16"),
            block!("zmm17", "320", "20"),
            block!("zmm16", "384", "24"),
            block!("zmm17", "448", "28"),
            "vcvtph2ps zmm18, [{scales}]",
            scaled!("0": "zmm8" by "zmm19" to "zmm0"),
            scaled!("{one}": "zmm9" by "zmm20" to "zmm1"),
            scaled!("2 * {one}": "zmm10" by "zmm21" to "zmm2"),
            scaled!("{three}": "zmm11" by "zmm22" to "zmm3"),
            scaled!("4 * {one}": "zmm12" by "zmm19" to "zmm4"),
            scaled!("{five}": "zmm13" by "zmm20" to "zmm5"),
            scaled!("2 * {three}": "zmm14" by "zmm21" to "zmm6"),
            scaled!("{seven}": "zmm15" by "zmm22" to "zmm7"),
            "add {blocks}, 512",
            "add {scales}, 32",
            "add {values}, 32",
            "add {second}, 32",
            "add {row_scales}, 4",
            "add {surplus}, 4",
            "dec {groups}",
            "jnz 2b",
            groups = inout(reg) groups => _,
            blocks = inout(reg) tile.blocks.as_ptr() => _,
            scales = inout(reg) tile.scales.as_ptr() => _,
            values = inout(reg) tile.values.as_ptr() => _,
            second = inout(reg) tile.values[groups * GROUP..].as_ptr() => _,
            row_scales = inout(reg) tile.row_scales.as_ptr() => _,
            surplus = inout(reg) tile.surplus.as_ptr() => _,
            one = in(reg) scales_of_row,
            three = in(reg) 3 * scales_of_row,
            five = in(reg) 5 * scales_of_row,
            seven = in(reg) 7 * scales_of_row,
            panel = in(reg) groups * BLOCKS * size_of::<Block>(),
            inout("zmm0") *a, inout("zmm1") *b, inout("zmm2") *c, inout("zmm3") *d,
            inout("zmm4") *e, inout("zmm5") *f, inout("zmm6") *g, inout("zmm7") *h,
            out("zmm8") _, out("zmm9") _, out("zmm10") _, out("zmm11") _,
            out("zmm12") _, out("zmm13") _, out("zmm14") _, out("zmm15") _,
            out("zmm16") _, out("zmm17") _, out("zmm18") _, out("zmm19") _,
            out("zmm20") _, out("zmm21") _, out("zmm22") _,
            options(nostack, readonly),
        );
    }
    let mut result = [[0.0; PANEL]; ROWS];
    for (result, sums) in result.iter_mut().zip(&sums) {
        // SAFETY: 64 bytes are written to 64.
        unsafe { _mm512_storeu_ps(result.as_mut_ptr(), *sums) };
    }
    result
}
