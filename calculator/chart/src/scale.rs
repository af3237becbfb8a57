//! From numbers to places: scales, and the round numbers to write beside them.

/// What an axis spans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    least: f64,
    most: f64,
    is_log: bool,
}

/// What round numbers are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// 1, 2 and 5 times a power of ten.
    Tens,
    /// Powers of two, as sizes have.
    Twos,
    /// Months: 1, 2, 3, 6 and 12 times a whole number.
    Months,
    /// Whole numbers, 1, 2 and 5 times a power of ten.
    Whole,
}

/// Far above any number that is drawn.
const MOST: f64 = 1e300;
/// A logarithmic axis spans no more than so many times its start.
const MOST_RATIO: f64 = 1e12;

/// A number that can be computed with.
fn finite(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.clamp(-MOST, MOST) }
}

impl Scale {
    /// Equal steps are equally long.  An axis that would span nothing is made to span something.
    #[must_use]
    pub fn linear(least: f64, most: f64) -> Self {
        let (least, most) = (finite(least), finite(most));
        let length = most - least;
        let room = libm::fabs(least).max(1.0) * 1e-9;
        Self { least, most: if length > room { most } else { least + libm::fabs(least).max(1.0) }, is_log: false }
    }

    /// Equal ratios are equally long.  It begins above zero.
    #[must_use]
    pub fn log(least: f64, most: f64) -> Self {
        let (least, most) = (finite(least), finite(most));
        let least = least.max(most / MOST_RATIO).max(1e-9);
        Self { least, most: if most > least * 1.001 { most } else { least * 10.0 }, is_log: true }
    }

    /// Where the axis begins and where it ends.
    #[must_use]
    pub const fn ends(&self) -> (f64, f64) {
        (self.least, self.most)
    }

    /// Where on the axis a number is: 0 is its beginning, 1 its end, and what is beyond them is there.
    #[must_use]
    pub fn place(&self, number: f64) -> f64 {
        let number = finite(number).clamp(self.least, self.most);
        let share = if self.is_log {
            libm::log(number / self.least) / libm::log(self.most / self.least)
        } else {
            (number - self.least) / (self.most - self.least)
        };
        share.clamp(0.0, 1.0)
    }

    /// Round numbers on the axis, at most about `most` of them, the least first.
    #[must_use]
    pub fn ticks(&self, most: u32, round: Round) -> Vec<f64> {
        if self.is_log {
            return self.log_ticks(most);
        }
        let step = step((self.most - self.least) / f64::from(most.max(1)), round);
        let first = libm::ceil(self.least / step - 1e-9);
        let mut ticks = Vec::new();
        for number in 0..=most.saturating_mul(2) {
            // Multiplied, not added up, so that errors do not.
            let at = (first + f64::from(number)) * step;
            if at > self.most + step * 1e-9 {
                break;
            }
            ticks.push(if libm::fabs(at) < step * 1e-9 { 0.0 } else { at });
        }
        ticks
    }

    /// 1, 2 and 5 times powers of ten, only powers of ten where that would be too many, and then not each of those.
    fn log_ticks(&self, most: u32) -> Vec<f64> {
        let first = libm::floor(libm::log10(self.least));
        let decades = libm::ceil(libm::log10(self.most)) - first;
        let most = f64::from(most.max(1));
        let factors: &[f64] = if decades * 3.0 <= most + 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let each = libm::ceil(decades / most).max(1.0);
        let mut ticks = Vec::new();
        let mut decade = 0.0;
        while decade <= decades {
            for factor in factors {
                let at = factor * libm::pow(10.0, first + decade);
                if at >= self.least * (1.0 - 1e-9) && at <= self.most * (1.0 + 1e-9) {
                    ticks.push(at);
                }
            }
            decade += each;
        }
        ticks
    }
}

/// The smallest round number that is not below `rough`.
fn step(rough: f64, round: Round) -> f64 {
    let rough = if rough > 0.0 { rough } else { 1.0 };
    let power = |base: f64, exponent: f64| libm::pow(base, exponent);
    let (rough, factors): (f64, &[f64]) = match round {
        Round::Twos => return power(2.0, libm::ceil(libm::log2(rough) - 1e-9)),
        Round::Months if rough > 12.0 => return 12.0 * step(rough / 12.0, Round::Whole),
        Round::Months => (rough, &[1.0, 2.0, 3.0, 6.0, 12.0]),
        Round::Tens => (rough, &[]),
        Round::Whole => (rough.max(1.0), &[]),
    };
    let fits = |step: &f64| *step >= rough * (1.0 - 1e-9);
    if let Some(step) = factors.iter().copied().find(|step| fits(step)) {
        return step;
    }
    let decade = power(10.0, libm::floor(libm::log10(rough) + 1e-9));
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * decade).find(fits).unwrap_or(rough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(scale: Scale, most: u32, round: Round, expected: &[f64], reason: &str) {
        let ticks = scale.ticks(most, round);
        let is_same = ticks.len() == expected.len()
            && ticks.iter().zip(expected).all(|(tick, expected)| (tick - expected).abs() <= expected.abs() * 1e-12);
        assert!(is_same, "{reason}: {ticks:?} is not {expected:?}");
    }

    #[test]
    fn round_numbers() {
        let linear = Scale::linear;
        check(linear(0.0, 10.0), 5, Round::Tens, &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0], "steps of two");
        check(linear(0.0, 0.37), 5, Round::Tens, &[0.0, 0.1, 0.2, 0.3], "below one");
        check(linear(5.0, 16.0), 6, Round::Whole, &[6.0, 8.0, 10.0, 12.0, 14.0, 16.0], "begins on a round number");
        check(linear(1.0, 3.0), 9, Round::Whole, &[1.0, 2.0, 3.0], "no half connection");
        check(linear(0.0, 6e9), 4, Round::Twos, &[0.0, 2_147_483_648.0, 4_294_967_296.0], "gibibytes");
        check(linear(0.0, 24.0), 5, Round::Months, &[0.0, 6.0, 12.0, 18.0, 24.0], "half years");
        check(linear(0.0, 60.0), 5, Round::Months, &[0.0, 12.0, 24.0, 36.0, 48.0, 60.0], "years");
        check(linear(0.0, 120.0), 5, Round::Months, &[0.0, 24.0, 48.0, 72.0, 96.0, 120.0], "two years");
        check(linear(-3.0, 3.0), 3, Round::Tens, &[-2.0, 0.0, 2.0], "zero is zero");
        check(Scale::log(1.0, 100.0), 6, Round::Tens, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0], "two decades");
        check(Scale::log(1.0, 1e6), 4, Round::Tens, &[1.0, 100.0, 10_000.0, 1e6], "six decades, every other");
        check(Scale::log(3.0, 40.0), 6, Round::Tens, &[5.0, 10.0, 20.0], "nothing outside");
    }

    #[test]
    fn places() {
        for (scale, number, expected, reason) in [
            (Scale::linear(0.0, 10.0), 2.5, 0.25, "a quarter"),
            (Scale::linear(0.0, 10.0), 11.0, 1.0, "beyond the end is the end"),
            (Scale::linear(0.0, 10.0), f64::NAN, 0.0, "not a number is the beginning"),
            (Scale::linear(0.0, 10.0), f64::INFINITY, 1.0, "no end"),
            (Scale::linear(0.0, 0.0), 0.0, 0.0, "all zero"),
            (Scale::linear(7.0, 7.0), 7.0, 0.0, "one point"),
            (Scale::linear(5.0, 1.0), 3.0, 0.0, "the wrong way round"),
            (Scale::log(1.0, 100.0), 10.0, 0.5, "half of the decades"),
            (Scale::log(0.0, 0.0), 0.0, 0.0, "zero has no logarithm"),
            (Scale::log(0.0, 100.0), 0.0, 0.0, "nor is it on the axis"),
        ] {
            assert!((scale.place(number) - expected).abs() < 1e-12, "{reason}: {}", scale.place(number));
        }
    }

    proptest! {
        #[test]
        fn always_a_place_and_few_ticks(
            least in any::<f64>(), most in any::<f64>(), number in any::<f64>(), is_log in any::<bool>(),
            about in 1_u32..12,
            round in prop_oneof![Just(Round::Tens), Just(Round::Twos), Just(Round::Months), Just(Round::Whole)],
        ) {
            let scale = if is_log { Scale::log(least, most) } else { Scale::linear(least, most) };
            prop_assert!((0.0..=1.0).contains(&scale.place(number)), "{scale:?} {number}");
            let ticks = scale.ticks(about, round);
            prop_assert!(ticks.len() <= 3 * about as usize + 5, "{scale:?}: {}", ticks.len());
            let (least, most) = scale.ends();
            let room = (most - least) * 1e-6;
            for tick in &ticks {
                prop_assert!((least - room..=most + room).contains(tick), "{scale:?}: {tick}");
            }
            prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{scale:?}: {ticks:?}");
        }

        #[test]
        fn places_keep_the_order(least in -1e9..1e9, length in 0.0..1e9, one in -1e9..2e9, other in -1e9..2e9) {
            let scale = Scale::linear(least, least + length);
            prop_assert!(one > other || scale.place(one) <= scale.place(other));
        }
    }
}
