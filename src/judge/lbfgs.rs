//! L-BFGS (Liu & Nocedal, 1989): the minimum of a smooth function of many variables, by its gradient.
//!
//! With the strictly convex losses of the heads it ends at the same place from every start, without a
//! learning rate to choose. The line search is backtracking with Armijo's condition; a pair is kept only
//! if its curvature is positive.

use std::collections::VecDeque;

/// Pairs of steps and gradient changes that are remembered.
const MEMORY: usize = 10;
/// Share of the decrease promised by the slope that a step must bring.
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// Halvings of one step at most.
const MOST_HALVINGS: usize = 20;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// Steps at most.
    pub steps: usize,
    /// A step that lowers the function by less than this share of it is the last.
    pub relative_decrease: f64,
}

struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    /// One over their scalar product.
    rho: f64,
}

/// Minimises `function`, which returns its value and its gradient; returns the place and the value.
///
/// # Errors
/// Those of `function`.
pub fn minimise<E>(
    start: Vec<f32>,
    stop: Stop,
    mut function: impl FnMut(&[f32]) -> Result<(f64, Vec<f32>), E>,
) -> Result<(Vec<f32>, f64), E> {
    let mut place = start;
    let (mut value, mut gradient) = function(&place)?;
    let mut pairs: VecDeque<Pair> = VecDeque::new();
    for _ in 0..stop.steps {
        let mut direction = descent(&gradient, &pairs);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            pairs.clear();
            direction = gradient.iter().map(|g| -g).collect();
            slope = dot(&direction, &gradient);
        }
        // The first step knows no scale.
        let mut length = if pairs.is_empty() { (1.0 / -slope).sqrt().min(1.0) } else { 1.0 };
        let mut next = None;
        for _ in 0..MOST_HALVINGS {
            let candidate: Vec<f32> =
                place.iter().zip(&direction).map(|(x, d)| x + (length as f32) * d).collect();
            let (candidate_value, candidate_gradient) = function(&candidate)?;
            if candidate_value <= value + SUFFICIENT_DECREASE * length * slope {
                next = Some((candidate, candidate_value, candidate_gradient));
                break;
            }
            length *= 0.5;
        }
        let Some((next_place, next_value, next_gradient)) = next else { break };
        let step: Vec<f32> = next_place.iter().zip(&place).map(|(new, old)| new - old).collect();
        let change: Vec<f32> =
            next_gradient.iter().zip(&gradient).map(|(new, old)| new - old).collect();
        let curvature = dot(&step, &change);
        if curvature > 1e-12 {
            pairs.push_back(Pair { step, change, rho: 1.0 / curvature });
            if pairs.len() > MEMORY {
                pairs.pop_front();
            }
        }
        let decrease = value - next_value;
        (place, value, gradient) = (next_place, next_value, next_gradient);
        if decrease < stop.relative_decrease * value.abs() {
            break;
        }
    }
    Ok((place, value))
}

/// Minus the gradient, multiplied by the estimate of the inverse Hessian (the two-loop recursion).
fn descent(gradient: &[f32], pairs: &VecDeque<Pair>) -> Vec<f32> {
    let mut direction: Vec<f32> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(pairs.len());
    for pair in pairs.iter().rev() {
        let share = pair.rho * dot(&pair.step, &direction);
        add(&mut direction, -share, &pair.change);
        shares.push(share);
    }
    if let Some(last) = pairs.back() {
        let scale = (1.0 / (last.rho * dot(&last.change, &last.change))) as f32;
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (pair, share) in pairs.iter().zip(shares.into_iter().rev()) {
        let back = pair.rho * dot(&pair.change, &direction);
        add(&mut direction, share - back, &pair.step);
    }
    direction
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(l, r)| f64::from(*l) * f64::from(*r)).sum()
}

fn add(sum: &mut [f32], factor: f64, values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += (factor * f64::from(*value)) as f32;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn the_bottom_of_a_narrow_curved_valley_is_found() {
        // Rosenbrock's function, whose least value is 0 at (1, 1).
        let valley = |place: &[f32]| -> Result<(f64, Vec<f32>), Infallible> {
            let (x, y) = (f64::from(place[0]), f64::from(place[1]));
            let value = (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
            let slope_x = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            Ok((value, vec![slope_x as f32, (200.0 * (y - x * x)) as f32]))
        };
        let stop = Stop { steps: 200, relative_decrease: 0.0 };
        let (place, value) = minimise(vec![-1.2, 1.0], stop, valley).unwrap_or_else(|e| match e {});
        assert!(value < 1e-6, "{value} at {place:?}");
        assert!((place[0] - 1.0).abs() < 1e-2 && (place[1] - 1.0).abs() < 1e-2);
    }
}
