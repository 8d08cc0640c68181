//! Which instructions the kernels use: found once at run time, or forced.
//!
//! Every kernel exists for [`Isa::Portable`]; the others are faster forms of the same arithmetic. A
//! loop that the compiler turns into vector instructions by itself is written once and compiled for
//! each set by `vectorised!`; only the integer products are written by hand.

/// An instruction set that kernels are written or compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// What the compiler makes of plain Rust.
    Portable,
    /// x86-64 with AVX2, FMA and F16C: servers and desktops since about 2015.
    Avx2,
    /// x86-64 with AVX-512 F, BW, VL and VNNI: Ice Lake, Zen 4 and later.
    Avx512,
}

impl Isa {
    /// All of them, the plainest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The fastest that this processor has.
    pub fn best() -> Self {
        let available = Self::ALL.into_iter().rev().find(|isa| isa.is_available());
        available.unwrap_or(Self::Portable)
    }

    /// True if this processor has these instructions.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("f16c")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vnni")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

/// Runs the expression of an instruction set, compiled with its instructions: the one place where they are
/// chosen. The expressions are of functions that are `#[inline(always)]`; `arguments` are what they use.
///
/// It asks at every call whether the processor has them; std keeps the answer.
macro_rules! compiled {
    (
        $isa:expr, $(<$other:ident: $bound:path>)? ($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)?,
        portable: $portable:expr, avx2: $avx2:expr, avx512: $avx512:expr $(,)?
    ) => {{
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2,fma,f16c")]
            #[allow(clippy::too_many_arguments, reason = "a kernel's shapes")]
            fn avx2 $(<$other: $bound>)? ($($argument: $kind),*) $(-> $result)? {
                $avx2
            }
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,f16c")]
            #[allow(clippy::too_many_arguments, reason = "a kernel's shapes")]
            fn avx512 $(<$other: $bound>)? ($($argument: $kind),*) $(-> $result)? {
                $avx512
            }
            let isa: $crate::isa::Isa = $isa;
            match isa {
                // SAFETY: the processor has these instructions.
                $crate::isa::Isa::Avx512 if isa.is_available() => return unsafe { avx512($($argument),*) },
                // SAFETY: the processor has these instructions.
                $crate::isa::Isa::Avx2 if isa.is_available() => return unsafe { avx2($($argument),*) },
                _ => {}
            }
        }
        let _ = $isa;
        $portable
    }};
}
pub(crate) use compiled;

/// Compiles a plain loop for each instruction set: `vectorised!(pub fn name(a: A) -> R = body);` makes
/// `name(isa, a)`. `body` must be `#[inline(always)]`.
macro_rules! vectorised {
    ($(#[$doc:meta])* $visible:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? = $body:path;) => {
        $(#[$doc])*
        $visible fn $name(isa: $crate::isa::Isa, $($argument: $kind),*) $(-> $result)? {
            $crate::isa::compiled!(
                isa, ($($argument: $kind),*) $(-> $result)?,
                portable: $body($($argument),*),
                avx2: $body($($argument),*),
                avx512: $body($($argument),*),
            )
        }
    };
}
pub(crate) use vectorised;
