//! Check digits of national ids. Each function takes the letters and digits alone, letters in capitals, in the number's form.

/// The digit at `at`.
fn digit(number: &str, at: usize) -> u32 {
    u32::from(number.as_bytes()[at] - b'0')
}

/// The number in the digits of `part`.
fn value(part: &str) -> u64 {
    part.parse().unwrap_or(0)
}

/// The digits from the first on, each times its weight.
fn weighted(number: &str, weights: impl IntoIterator<Item = u32>) -> u32 {
    weights.into_iter().enumerate().map(|(at, weight)| digit(number, at) * weight).sum()
}

fn is_day(day: u64, month: u64) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

/// ISO/IEC 7812-1, over every digit.
pub fn luhn(number: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit })
        .sum();
    sum.is_multiple_of(10)
}

/// United States: social security number, and the one for taxpayers without.
pub fn ssn(number: &str) -> bool {
    let [area, group, serial] = [&number[..3], &number[3..5], &number[5..]].map(value);
    if area >= 900 {
        return matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    }
    area != 0 && area != 666 && group != 0 && serial != 0
}

/// United Kingdom: prefixes that are not given out.
pub fn nino(number: &str) -> bool {
    !["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"].contains(&&number[..2])
}

/// Spain.
pub fn dni(number: &str) -> bool {
    let first = match &number[..1] {
        "X" => "0",
        "Y" => "1",
        "Z" => "2",
        digit => digit,
    };
    let rest = value(&format!("{first}{}", &number[1..8])) as usize % 23;
    number.as_bytes()[8] == b"TRWAGMYFPDXBNJZSQVHLCKE"[rest]
}

/// Brazil.
pub fn cpf(number: &str) -> bool {
    let check = |length: usize| weighted(number, (2..length as u32 + 2).rev()) * 10 % 11 % 10;
    check(9) == digit(number, 9) && check(10) == digit(number, 10)
}

/// France; Corsica's departments count as 19 and 18.
pub fn nir(number: &str) -> bool {
    let body = number[..13].replace("2A", "19").replace("2B", "18");
    97 - value(&body) % 97 == value(&number[13..])
}

/// China (GB 11643).
pub fn resident(number: &str) -> bool {
    let sum = weighted(number, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    number.as_bytes()[17] == b"10X98765432"[sum as usize % 11]
}

/// India: Verhoeff's check digit, over the dihedral group of order ten.
pub fn verhoeff(number: &str) -> bool {
    const MOVED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let check = number.bytes().rev().enumerate().fold(0, |check, (at, byte)| {
        let moved = (0..at % 8).fold(u32::from(byte - b'0'), |value, _| MOVED[value as usize]);
        times(check, moved)
    });
    check == 0
}

/// Germany: tax id (ISO 7064, mod 11, 10).
pub fn steuer_id(number: &str) -> bool {
    let product = number[..10].bytes().fold(10, |product, byte| {
        let sum = (u32::from(byte - b'0') + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == digit(number, 10)
}

/// Poland.
pub fn pesel(number: &str) -> bool {
    let sum = weighted(number, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    (10 - sum % 10) % 10 == digit(number, 10)
}

/// The Netherlands.
pub fn bsn(number: &str) -> bool {
    weighted(number, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 == digit(number, 8)
}

/// Italy: odd places by a table, even ones by their value. Letters that stand for digits count as letters.
pub fn codice_fiscale(number: &str) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let place = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' });
    let sum: u32 = number.bytes().take(15).enumerate().fold(0, |sum, (at, byte)| {
        sum + if at % 2 == 0 { ODD[place(byte) as usize] } else { place(byte) }
    });
    u32::from(number.as_bytes()[15] - b'A') == sum % 26
}

/// Sweden: a birthday (or one plus sixty), and Luhn over the last ten.
pub fn personnummer(number: &str) -> bool {
    let ten = &number[number.len() - 10..];
    is_day(value(&ten[4..6]) % 60, value(&ten[2..4])) && luhn(ten)
}

/// Denmark: a birthday; the check digit is no more.
pub fn cpr(number: &str) -> bool {
    is_day(value(&number[..2]), value(&number[2..4]))
}

/// Norway.
pub fn fodselsnummer(number: &str) -> bool {
    let first = (11 - weighted(number, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
    let second = (11 - weighted(number, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    first == digit(number, 9) && second == digit(number, 10)
}

/// Finland. The sign of the century may be a letter.
pub fn hetu(number: &str) -> bool {
    let last = &number[number.len() - 4..];
    let rest = value(&format!("{}{}", &number[..6], &last[..3])) as usize % 31;
    is_day(value(&number[..2]), value(&number[2..4]))
        && last.as_bytes()[3] == b"0123456789ABCDEFHJKLMNPRSTUVWXY"[rest]
}

/// Belgium; for those born from 2000 on a 2 goes before.
pub fn rijksregister(number: &str) -> bool {
    let key = value(&number[9..]);
    [value(&number[..9]), value(&format!("2{}", &number[..9]))]
        .iter()
        .any(|body| 97 - body % 97 == key)
}

/// Switzerland: the check digit of EAN-13.
pub fn ahv(number: &str) -> bool {
    weighted(number, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// Turkey.
pub fn kimlik(number: &str) -> bool {
    let odd: u32 = (0..9).step_by(2).map(|at| digit(number, at)).sum();
    let even: u32 = (1..8).step_by(2).map(|at| digit(number, at)).sum();
    let all: u32 = (0..10).map(|at| digit(number, at)).sum();
    (odd * 7 + 100 - even) % 10 == digit(number, 9) && all % 10 == digit(number, 10)
}

/// Singapore.
pub fn nric(number: &str) -> bool {
    let (offset, letters) = match number.as_bytes()[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        _ => (3, b"XWUTRQPNJLK"),
    };
    let sum = weighted(&number[1..], [2, 7, 6, 5, 4, 3, 2]) + offset;
    number.as_bytes()[8] == letters[sum as usize % 11]
}

/// Australia: tax file number.
pub fn tfn(number: &str) -> bool {
    weighted(number, [1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

/// Portugal.
pub fn nif(number: &str) -> bool {
    let check = 11 - weighted(number, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    (if check > 9 { 0 } else { check }) == digit(number, 8)
}

/// Ireland.
pub fn pps(number: &str) -> bool {
    let second = number.as_bytes().get(8).map_or(0, |letter| u32::from(*letter - b'A' + 1) % 23);
    let sum = weighted(number, [8, 7, 6, 5, 4, 3, 2]) + 9 * second;
    number.as_bytes()[7] == b"WABCDEFGHIJKLMNOPQRSTUV"[sum as usize % 23]
}

/// South Africa: a birthday, and Luhn.
pub fn south_africa(number: &str) -> bool {
    is_day(value(&number[4..6]), value(&number[2..4])) && luhn(number)
}

/// South Korea: a birthday; newer numbers have no check digit.
pub fn resident_registration(number: &str) -> bool {
    is_day(value(&number[4..6]), value(&number[2..4]))
}

/// Japan: individual number.
pub fn my_number(number: &str) -> bool {
    let rest = weighted(number, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    (if rest < 2 { 0 } else { 11 - rest }) == digit(number, 11)
}

/// Chile.
pub fn rut(number: &str) -> bool {
    let (body, check) = number.split_at(number.len() - 1);
    let digits = body.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip((2..=7).cycle()).map(|(digit, weight)| digit * weight).sum();
    check
        == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "K"][((11 - sum % 11) % 11) as usize]
}

/// Austria: the check digit stands fourth.
pub fn austria(number: &str) -> bool {
    weighted(number, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == digit(number, 3)
}

/// At least so many digits: where there is no check digit.
pub fn has_digits<const LEAST: usize>(number: &str) -> bool {
    number.bytes().filter(u8::is_ascii_digit).count() >= LEAST
}
