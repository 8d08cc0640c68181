//! Sizes of a generator, and whether its parts fit each other.

use super::DecoderLayer;
use crate::attention;
use crate::ops::Pairing;
use crate::product::Matrix;

/// Sizes of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoderShape {
    /// Values of a token's state.
    pub hidden: usize,
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of keys and values, of each of which `heads / key_value_heads` queries make use.
    pub key_value_heads: usize,
    /// Values of a head.
    pub head: usize,
    /// Inner values of the feed-forward layers.
    pub feed_forward: usize,
    /// Added to the mean square in the norms.
    pub epsilon: f32,
    /// How rotary positions pair values.
    pub pairing: Pairing,
    /// The base of the rotary angles.
    pub rotary_base: f32,
    /// Divides the frequency of each pair (Llama 3's long context); 1 without.
    pub rotary_factors: Option<Vec<f32>>,
    /// Positions at most.
    pub positions: usize,
}

/// What does not fit, in words.
pub(super) fn check(
    shape: &DecoderShape,
    embeddings: &Matrix,
    layers: &[DecoderLayer],
    norm: &[f32],
    output: &Matrix,
) -> Result<(), String> {
    let DecoderShape { hidden, heads, key_value_heads, head, feed_forward, .. } = *shape;
    if heads == 0 || key_value_heads == 0 || !heads.is_multiple_of(key_value_heads) {
        return Err(format!("{heads} heads cannot share {key_value_heads} of keys and values"));
    }
    if head == 0 || !head.is_multiple_of(attention::HEAD_STEP) {
        return Err(format!("heads of {head} values; they must be a multiple of 16"));
    }
    if shape.rotary_factors.as_ref().is_some_and(|factors| factors.len() != head / 2) {
        return Err("as many rotary factors as pairs of a head are wanted".to_string());
    }
    let wanted = |what: &str, is: (usize, usize), should: (usize, usize)| {
        if is == should {
            Ok(())
        } else {
            Err(format!("{what} is {is:?} and should be {should:?}"))
        }
    };
    let size = |matrix: &Matrix| (matrix.outputs(), matrix.inputs());
    wanted("the output", size(output), (embeddings.outputs(), hidden))?;
    wanted("an embedding", (embeddings.inputs(), norm.len()), (hidden, hidden))?;
    for layer in layers {
        let width = (heads + 2 * key_value_heads) * head;
        let norms = (layer.attention_norm.len(), layer.feed_forward_norm.len());
        wanted("the norms of a layer", norms, (hidden, hidden))?;
        wanted("query, key and value", size(&layer.query_key_value), (width, hidden))?;
        let bias = layer.bias.as_ref().map_or(width, Vec::len);
        wanted("the bias of a layer", (bias, 0), (width, 0))?;
        wanted("the attention's output", size(&layer.attended), (hidden, heads * head))?;
        wanted("gate and up", size(&layer.gate_up), (2 * feed_forward, hidden))?;
        wanted("down", size(&layer.down), (hidden, feed_forward))?;
        for norm in layer.head_norms.iter().flatten() {
            wanted("the norm of a head", (norm.len(), 0), (head, 0))?;
        }
    }
    Ok(())
}
