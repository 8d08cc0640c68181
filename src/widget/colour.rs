//! The site's colour, made legible.
//!
//! Contrast is that of WCAG 2.2: `(L1 + 0.05) / (L2 + 0.05)` of the relative luminances. Text needs 4.5. Any colour is taken; what
//! stands on it is black or white, whichever is the clearer, and where it stands on a page itself it is moved towards black or white
//! until it can be read.

/// A colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// What WCAG 2.2 asks of text (1.4.3, AA).
const LEGIBLE: f64 = 4.5;
const BLACK: Colour = Colour { red: 0, green: 0, blue: 0 };
const WHITE: Colour = Colour { red: 255, green: 255, blue: 255 };
/// The lightest surface of the dark scheme that text in the accent stands on.
pub const DARK_SURFACE: Colour = Colour { red: 0x2a, green: 0x2d, blue: 0x33 };
/// The darkest surface of the light scheme that it stands on.
pub const LIGHT_SURFACE: Colour = Colour { red: 0xf2, green: 0xf4, blue: 0xf6 };
/// Steps from a colour to black or white.
const STEPS: u32 = 64;

impl Colour {
    /// The colour that `#rrggbb` names.
    pub fn parse(text: &str) -> Option<Self> {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |place: usize| u8::from_str_radix(digits.get(place..place + 2)?, 16).ok();
        // `from_str_radix` takes a sign; a colour has none.
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        Some(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    /// `#rrggbb`
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// The relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The contrast of two colours, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The colour of text on this one: white or black. The clearer of them has a contrast of 4.58 or more with any colour.
    pub fn text_on(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// This colour, moved only as far as it must be to be read on `surface`.
    pub fn legible_on(self, surface: Self) -> Self {
        let goal = surface.text_on();
        (0..=STEPS)
            .map(|step| self.towards(goal, step))
            .find(|mixed| mixed.contrast(surface) >= LEGIBLE)
            .unwrap_or(goal)
    }

    fn towards(self, goal: Self, step: u32) -> Self {
        let mix = |from: u8, to: u8| {
            let sum = u32::from(from) * (STEPS - step) + u32::from(to) * step;
            u8::try_from(sum / STEPS).unwrap_or(to)
        };
        Self {
            red: mix(self.red, goal.red),
            green: mix(self.green, goal.green),
            blue: mix(self.blue, goal.blue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let of = |one, two| Colour::parse(one).unwrap().contrast(Colour::parse(two).unwrap());
        assert!((of("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        // As the examples of the WebAIM contrast checker.
        assert!((of("#777777", "#ffffff") - 4.48).abs() < 0.005);
        assert!((of("#0000ff", "#ffffff") - 8.59).abs() < 0.005);
        for bad in ["", "#fff", "1f5f8b", "#1f5f8g", "#+1f5f8", "#é5f8b"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_colour_is_made_legible(red: u8, green: u8, blue: u8) {
            let accent = Colour { red, green, blue };
            prop_assert_eq!(Colour::parse(&accent.hex()), Some(accent));
            prop_assert!(accent.contrast(accent.text_on()) >= LEGIBLE);
            for surface in [DARK_SURFACE, LIGHT_SURFACE] {
                let legible = accent.legible_on(surface);
                prop_assert!(legible.contrast(surface) >= LEGIBLE);
                if accent.contrast(surface) >= LEGIBLE {
                    prop_assert_eq!(legible, accent);
                }
            }
        }
    }
}
