//! Numbers with decimals: up to 19 digits are read exactly, and what is written reads back as the same bits.
//!
//! The standard library does this for every number there is, with tables and fallbacks that would be a sixth of the
//! page's download.  Inputs have bounds, so integers of 64 and 128 bits are enough.

use crate::quantity::grouped;

/// Most decimals that are read and written; what comes after them is dropped.
const MOST_DECIMALS: u32 = 19;

/// Reads `12`, `12.5`, `.5`, `1.25e3`.  `None` for anything else, and for what is far above any bound.
#[must_use]
pub fn read(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.trim().split_once(['e', 'E']).unwrap_or((text.trim(), "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let mut number = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let mut decimals = 0_i32;
    for digit in fraction.bytes() {
        // An integer of 64 bits has room for 19 digits, two more than the result holds; what comes after them is dropped.
        let Some(more) = number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit - b'0'))) else {
            break;
        };
        number = more;
        decimals += 1;
    }
    let decimals = decimals.checked_sub(exponent.parse::<i32>().ok()?)?;
    match u32::try_from(decimals) {
        Ok(decimals) => {
            let dropped = 10_u64.checked_pow(decimals.saturating_sub(MOST_DECIMALS));
            Some(quotient(dropped.map_or(0, |power| number / power), decimals.min(MOST_DECIMALS)))
        }
        Err(_) => Some(quotient(number.checked_mul(10_u64.checked_pow(decimals.unsigned_abs())?)?, 0)),
    }
}

/// The number nearest to `number` ÷ 10^`decimals`, for at most [`MOST_DECIMALS`].
#[expect(clippy::cast_precision_loss, reason = "rounds to the nearest, which is what is meant")]
fn quotient(number: u64, decimals: u32) -> f64 {
    if number == 0 {
        return 0.0;
    }
    // The dividend fills 128 bits and the divisor at most 64, so the quotient has more bits than the result can hold; a
    // bit below them remembers that something was left over.
    let shift = number.leading_zeros() + 64;
    let dividend = u128::from(number) << shift;
    let divisor = 10_u128.pow(decimals);
    let left_over = u128::from(!dividend.is_multiple_of(divisor));
    ((dividend / divisor) | left_over) as f64 / (1_u128 << shift) as f64
}

/// The shortest text that reads back as the same number.
#[must_use]
pub fn write(real: f64) -> String {
    for decimals in 0..=MOST_DECIMALS {
        let number = scaled(real, decimals);
        if quotient(number, decimals).to_bits() == real.to_bits() {
            return joined(number, decimals, u64::to_string);
        }
    }
    scaled(real, 0).to_string()
}

/// A number with at most so many decimals for people: groups of three before the point, no trailing zeros after it.
pub(crate) fn rounded(real: f64, decimals: u32) -> String {
    joined(scaled(real, decimals), decimals, |whole| grouped(*whole))
}

/// The whole number nearest to `real` × 10^`decimals`, for at most [`MOST_DECIMALS`]; saturates at the top.
fn scaled(real: f64, decimals: u32) -> u64 {
    const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const BIAS: u64 = 1_075;
    let fraction = real.to_bits() & ((1 << FRACTION_BITS) - 1);
    let exponent = real.to_bits() >> FRACTION_BITS;
    let hidden = u64::from(exponent > 0) << FRACTION_BITS;
    let product = u128::from(fraction | hidden) * 10_u128.pow(decimals);
    let scaled = if exponent >= BIAS {
        u32::try_from(exponent - BIAS)
            .ok()
            .filter(|shift| *shift < product.leading_zeros())
            .map(|shift| product << shift)
    } else {
        let shift = u32::try_from(BIAS - exponent).unwrap_or(u32::MAX);
        Some(1_u128.checked_shl(shift - 1).map_or(0, |half| (product + half).checked_shr(shift).unwrap_or(0)))
    };
    scaled.and_then(|scaled| u64::try_from(scaled).ok()).unwrap_or(u64::MAX)
}

/// `number` ÷ 10^`decimals`.
fn joined(number: u64, decimals: u32, whole: impl Fn(&u64) -> String) -> String {
    let power = 10_u64.saturating_pow(decimals);
    let mut text = whole(&(number / power));
    let fraction = number % power;
    if fraction != 0 {
        let digits = fraction.to_string();
        text.push('.');
        for _ in digits.len()..decimals as usize {
            text.push('0');
        }
        text.push_str(digits.trim_end_matches('0'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_decimals() {
        let rows: &[(&str, Option<f64>, &str)] = &[
            ("20", Some(20.0), "no decimals"),
            (" 0.5 ", Some(0.5), "pasted with spaces"),
            (".5", Some(0.5), "no whole part"),
            ("5.", Some(5.0), "no decimals after the point"),
            ("1.25e3", Some(1_250.0), "an exponent"),
            ("1E-2", Some(0.01), "a negative one"),
            ("0.1000000000000000055511151231257827", Some(0.1), "more digits than count"),
            ("0.0000000000000000000000001", Some(0.0), "more decimals than count"),
            ("18446744073709551615", Some(18_446_744_073_709_551_615.0), "the largest"),
            ("18446744073709551616", None, "larger"),
            ("1e99", None, "far larger"),
            ("1e-99", Some(0.0), "far smaller"),
            ("1e99999999999", None, "an exponent beyond all bounds"),
            ("", None, "nothing"),
            (".", None, "a point alone"),
            ("-1", None, "negative"),
            ("1.2.3", None, "two points"),
            ("1,5", None, "a comma"),
            ("NaN", None, "not a number"),
            ("inf", None, "no end"),
            ("0x10", None, "not decimal"),
        ];
        for (text, number, reason) in rows {
            assert_eq!(read(text), *number, "{text}: {reason}");
        }
    }

    #[test]
    fn rounded_for_people() {
        let rows: &[(f64, u32, &str)] = &[
            (71.06, 1, "71.1"),
            (75.0, 1, "75"),
            (1234.5, 2, "1,234.5"),
            (0.05, 2, "0.05"),
            (0.004, 2, "0"),
            (0.0, 1, "0"),
        ];
        for (real, decimals, text) in rows {
            assert_eq!(rounded(*real, *decimals), *text);
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn reads_19_digits_like_the_standard_library(whole in 0_u64..10_000_000, fraction in "[0-9]{0,12}") {
            let text = format!("{whole}.{fraction}");
            proptest::prop_assert_eq!(read(&text), text.parse().ok());
        }

        #[test]
        fn writes_as_short_as_the_standard_library(real in 1e-3..1e9) {
            let text = write(real);
            proptest::prop_assert_eq!(text.len(), real.to_string().len());
            proptest::prop_assert_eq!(read(&text), Some(real));
        }
    }
}
