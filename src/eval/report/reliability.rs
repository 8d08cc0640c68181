//! The reliability diagram: what was said against what happened, as SVG that reads in light and in dark.

use std::fmt::Write as _;

use super::EventFigures;

/// Width and height of the square plot, and its margins, in pixels.
const SIDE: f64 = 320.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 40.0;
/// Greatest radius of a bin's dot.
const RADIUS: f64 = 11.0;

/// The diagram of an event.
pub fn diagram(figures: &EventFigures) -> String {
    let (width, height) = (LEFT + SIDE + 24.0, TOP + SIDE + 56.0);
    let x = |share: f64| LEFT + share * SIDE;
    let y = |share: f64| TOP + (1.0 - share) * SIDE;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="system-ui, sans-serif" font-size="12">
<style>svg {{ background: #fff; color: #1d2430 }} @media (prefers-color-scheme: dark) {{ svg {{ background: #14181f; color: #e6e9ef }} }}</style>
<title>{event}: calibration error {error:.3}</title>
<text x="{LEFT}" y="24" fill="currentColor" font-weight="600">{event}: said and seen (calibration error {error:.3})</text>
"#,
        event = escaped(&figures.event),
        error = figures.calibration_error,
    );
    let _ = writeln!(
        svg,
        r#"<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="currentColor" stroke-opacity=".4"/>
<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="currentColor" stroke-opacity=".4" stroke-dasharray="4 4"/>"#,
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0),
    );
    for tenth in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = writeln!(
            svg,
            r#"<text x="{}" y="{}" fill="currentColor" text-anchor="middle">{tenth}</text>
<text x="{}" y="{}" fill="currentColor" text-anchor="end">{tenth}</text>"#,
            x(tenth),
            y(0.0) + 18.0,
            LEFT - 8.0,
            y(tenth) + 4.0,
        );
    }
    let most = figures.bins.iter().map(|bin| bin.messages).max().unwrap_or(1).max(1) as f64;
    let filled: Vec<_> = figures.bins.iter().filter(|bin| bin.messages > 0).collect();
    let points: Vec<String> =
        filled.iter().map(|bin| format!("{:.1},{:.1}", x(bin.said), y(bin.happened))).collect();
    let _ = writeln!(
        svg,
        r##"<polyline points="{}" fill="none" stroke="#2f6fde" stroke-width="2"/>"##,
        points.join(" ")
    );
    for bin in filled {
        let radius = 3.0 + (RADIUS - 3.0) * (bin.messages as f64 / most).sqrt();
        let _ = writeln!(
            svg,
            r##"<circle cx="{:.1}" cy="{:.1}" r="{radius:.1}" fill="#2f6fde" fill-opacity=".75"><title>{} messages: said {:.3}, seen {:.3}</title></circle>"##,
            x(bin.said),
            y(bin.happened),
            bin.messages,
            bin.said,
            bin.happened,
        );
    }
    let _ = writeln!(
        svg,
        r#"<text x="{}" y="{}" fill="currentColor" text-anchor="middle">probability said (larger dots: more messages)</text>
<text transform="translate(14 {}) rotate(-90)" fill="currentColor" text-anchor="middle">share in which it was so</text>
</svg>"#,
        x(0.5),
        height - 14.0,
        y(0.5),
    );
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_drawn_where_it_was_said_and_seen() {
        let cases: Vec<(f64, bool)> = (0..100).map(|case| (0.25, case % 4 == 0)).collect();
        let svg = diagram(&EventFigures::of("a < b", &cases, 0.5));
        assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n"));
        let center = format!(r#"cx="{:.1}" cy="{:.1}""#, LEFT + SIDE / 4.0, TOP + SIDE * 0.75);
        assert!(svg.contains(&center), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1);
    }
}
