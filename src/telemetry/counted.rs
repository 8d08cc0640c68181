//! Something that counts in a gauge for as long as it is there.

/// Counted in a gauge for as long as it lives.
#[derive(Debug)]
pub struct Counted(&'static str);

impl Counted {
    /// One more in `gauge`.
    pub fn new(gauge: &'static str) -> Self {
        metrics::gauge!(gauge).increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(1.0);
    }
}
