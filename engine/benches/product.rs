//! Speed of the matrix products by themselves: `cargo bench -p steward-engine --bench product`.
//!
//! For each instruction set: multiplications a second (10^9) over as many matrices as the generator has
//! layers, so that weights come from memory as they do in use.

use std::time::Instant;

use steward_engine::product::{Initial, On, multiply_quantized};
use steward_engine::quantized::{Bits, QuantizedMatrix, QuantizedRows};
use steward_engine::{Isa, Pool};

fn main() {
    let pool = Pool::new(1).expect("a pool");
    let (inputs, outputs, layers) = (576, 1536, 60);
    for bits in [Bits::Eight, Bits::Four] {
        let matrices: Vec<_> = (0..layers)
            .map(|layer| {
                QuantizedMatrix::pack(outputs, inputs, bits, |output, group| {
                    (half::f16::ONE, [((output + group + layer) % 8) as i8; 32])
                })
            })
            .collect();
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            print!("{:<9} {bits:?}:", isa.name());
            for rows in [1, 2, 4, 8, 16, 64, 256] {
                let given = vec![0.5; rows * inputs];
                let mut quantized = QuantizedRows::default();
                quantized.quantize(isa, inputs, &given);
                let mut sums = vec![0.0; rows * outputs];
                let mut times: Vec<f64> = (0..7)
                    .map(|_| {
                        let started = Instant::now();
                        for matrix in &matrices {
                            let on = On { pool: &pool, isa };
                            multiply_quantized(on, &quantized, matrix, Initial::Zero, &mut sums);
                        }
                        started.elapsed().as_secs_f64()
                    })
                    .collect();
                times.sort_by(f64::total_cmp);
                let products = (rows * inputs * outputs * layers) as f64;
                print!("  {rows} rows {:.1}", products / times[times.len() / 2] / 1e9);
            }
            println!();
        }
    }
}
