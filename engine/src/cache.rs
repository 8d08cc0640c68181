//! Keys and values of what a conversation's model has read, in pages of 16 positions.
//!
//! A page holds all layers and is shared by reference: a copy of a cache costs a pointer for each page, and
//! only the last page, if it is not full, is copied once it is written to. In f16, as llama.cpp has
//! them.
//!
//! ```text
//! page   [layer][key-value head] of   keys [head][16]   values [16][head]     f16
//! ```

use std::sync::Arc;

use half::f16;
use half::slice::HalfFloatSliceExt;

use crate::attention::{HEAD_STEP, PAGE, Source};

/// Sizes of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheShape {
    /// Layers of the model.
    pub layers: usize,
    /// Heads that keys and values have.
    pub heads: usize,
    /// Values of a head.
    pub head: usize,
}

impl CacheShape {
    /// Bytes of a page.
    pub fn page_bytes(&self) -> usize {
        self.page_length() * size_of::<f16>()
    }

    fn page_length(&self) -> usize {
        self.layers * self.heads * 2 * self.head * PAGE
    }
}

/// Keys and values of 16 positions.
#[derive(Debug, Clone)]
pub struct Page {
    values: Box<[f16]>,
}

/// Keys and values of a text, from its beginning.
#[derive(Debug, Clone)]
pub struct Cache {
    shape: CacheShape,
    pages: Vec<Arc<Page>>,
    length: usize,
}

impl Cache {
    /// An empty cache.
    pub fn new(shape: CacheShape) -> Self {
        Self { shape, pages: Vec::new(), length: 0 }
    }

    /// A cache that begins with full pages computed before.
    pub fn of_pages(shape: CacheShape, pages: Vec<Arc<Page>>) -> Self {
        Self { shape, length: pages.len() * PAGE, pages }
    }

    /// Positions that are held.
    pub fn len(&self) -> usize {
        self.length
    }

    /// True if nothing is held.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The pages whose 16 positions are all held.
    pub fn full_pages(&self) -> &[Arc<Page>] {
        &self.pages[..self.length / PAGE]
    }

    /// Makes room for `count` more positions, to be written layer by layer.
    pub(crate) fn extend(&mut self, count: usize) {
        if !self.length.is_multiple_of(PAGE)
            && let Some(last) = self.pages.last_mut()
        {
            // Of its own from here on.
            Arc::make_mut(last);
        }
        self.length += count;
        let new = || Arc::new(Page { values: vec![f16::ZERO; self.shape.page_length()].into() });
        self.pages.resize_with(self.length.div_ceil(PAGE), new);
    }

    /// Writes keys and values, `[heads * head] f32` each, of one position of a layer.
    pub(crate) fn write(&mut self, layer: usize, position: usize, keys: &[f32], values: &[f32]) {
        let CacheShape { heads, head, .. } = self.shape;
        let column = position % PAGE;
        let page = Arc::get_mut(&mut self.pages[position / PAGE]).map(|page| &mut page.values);
        let page = page.expect("`extend` made every page that is written to this cache's own");
        for number in 0..heads {
            let start = (layer * heads + number) * 2 * head * PAGE;
            let (keys_out, values_out) =
                page[start..start + 2 * head * PAGE].split_at_mut(head * PAGE);
            let own = number * head..(number + 1) * head;
            for (place, key) in keys[own.clone()].iter().enumerate() {
                keys_out[place * PAGE + column] = f16::from_f32(*key);
            }
            values_out[column * head..(column + 1) * head].convert_from_f32_slice(&values[own]);
        }
    }

    /// What one head of one layer attends to.
    pub(crate) fn head(&self, layer: usize, number: usize) -> CachedHead<'_> {
        let CacheShape { heads, head, .. } = self.shape;
        let start = (layer * heads + number) * 2 * head * PAGE;
        CachedHead { pages: &self.pages, start, length: head * PAGE }
    }
}

pub(crate) struct CachedHead<'a> {
    pages: &'a [Arc<Page>],
    start: usize,
    length: usize,
}

impl Source for CachedHead<'_> {
    type Stored = f16;

    #[inline(always)]
    fn keys(&self, page: usize) -> &[[f16; PAGE]] {
        self.pages[page].values[self.start..][..self.length].as_chunks().0
    }

    #[inline(always)]
    fn values(&self, page: usize) -> &[[f16; HEAD_STEP]] {
        self.pages[page].values[self.start + self.length..][..self.length].as_chunks().0
    }
}
