//! The point of a picture that a thumbnail should keep.

/// From -1 (left, bottom) to 1 (right, top), in thousandths; (0, 0) is the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Focus {
    /// From left to right.
    pub x: i16,
    /// From bottom to top.
    pub y: i16,
}

impl Focus {
    /// A point; what lies outside of the picture is moved to its edge, what is no number to the middle.
    #[must_use]
    pub fn new(x: f64, y: f64) -> Self {
        Self { x: thousandths(x), y: thousandths(y) }
    }

    /// Reads `0.5,-0.25`, as clients write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (x, y) = text.split_once(',')?;
        Some(Self::new(x.trim().parse().ok()?, y.trim().parse().ok()?))
    }

    /// Both as numbers from -1 to 1.
    #[must_use]
    pub fn coordinates(self) -> (f64, f64) {
        (f64::from(self.x) / 1000.0, f64::from(self.y) / 1000.0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range just before")]
fn thousandths(part: f64) -> i16 {
    if part.is_nan() { 0 } else { (part.clamp(-1.0, 1.0) * 1000.0).round() as i16 }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn points_are_read_and_kept_inside() {
        assert_eq!(Focus::parse("0.5,-0.25").unwrap().coordinates(), (0.5, -0.25));
        assert_eq!(Focus::parse("7, -7").unwrap().coordinates(), (1.0, -1.0));
        assert_eq!(Focus::parse("NaN,inf").unwrap().coordinates(), (0.0, 1.0));
        for wrong in ["", "1", "a,b", "0.5;0.5"] {
            assert_eq!(Focus::parse(wrong), None, "{wrong}");
        }
    }
}
