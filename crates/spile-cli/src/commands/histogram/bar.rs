//! One bar: its cells, shared out among the severities.

use super::levels::{ALL, Counts, LEVELS, total};

/// Parts of a cell, from one eighth to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Appends a bar. `most` records are `width` cells; what is not nothing is seen.
pub(super) fn draw(counts: &Counts, most: u64, width: usize, coloured: bool, out: &mut String) {
    let records = total(counts);
    if records == 0 {
        return;
    }
    let parts = if coloured { 8 } else { 1 };
    let length = scaled(records, most, width * parts).max(1);
    let (cells, eighths) = if coloured { (length / 8, length % 8) } else { (length, 0) };
    let shares = share(counts, cells);
    let last = shares.iter().rposition(|cells| *cells > 0);
    // A bar of less than a cell is of the worst that there is.
    let last = last.or_else(|| counts.iter().position(|records| *records > 0));
    for (index, level) in ALL.iter().enumerate() {
        let mut piece = String::new();
        let full = if coloured { '█' } else { level.letter };
        piece.extend(std::iter::repeat_n(full, shares[index]));
        if Some(index) == last && eighths > 0 {
            piece.push(EIGHTHS[eighths - 1]);
        }
        match (piece.is_empty(), coloured) {
            (true, _) => {}
            (false, false) => out.push_str(&piece),
            (false, true) => out.push_str(&format!("{}{piece}{:#}", level.style, level.style)),
        }
    }
}

/// The nearest whole number to `part / whole * length`.
fn scaled(part: u64, whole: u64, length: usize) -> usize {
    let (part, whole, length) = (u128::from(part), u128::from(whole.max(1)), length as u128);
    let scaled = (part * length + whole / 2) / whole;
    usize::try_from(scaled.min(length)).expect("it is at most the length, which is a usize")
}

/// Shares cells out as the counts are, but so that each level that occurs has one, the worst first if there are too few.
fn share(counts: &Counts, cells: usize) -> [usize; LEVELS] {
    let mut shares = [0; LEVELS];
    let mut left = cells;
    let occurring: Vec<usize> = (0..LEVELS).filter(|level| counts[*level] > 0).collect();
    for level in occurring.iter().take(cells) {
        shares[*level] = 1;
        left -= 1;
    }
    // Each next cell goes to the level that has the fewest for its records.
    let records = total(counts);
    let wanted = |level: usize| counts[level] as f64 * cells as f64 / records as f64;
    for _ in 0..left {
        let lack = |level: &usize| wanted(*level) - shares[*level] as f64;
        let next = occurring.iter().copied().max_by(|a, b| lack(a).total_cmp(&lack(b)));
        shares[next.expect("a bar has records")] += 1;
    }
    shares
}

#[cfg(test)]
mod tests;
