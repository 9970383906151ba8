//! Columns for people.

/// Appends rows as columns, the numbers of which are `right` to the right. The first row is the heading.
pub(crate) fn print_table<const N: usize>(rows: &[[String; N]], right: [bool; N], out: &mut Vec<u8>) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let cells: Vec<String> = (0..N)
            .map(|column| {
                let (cell, width) = (&row[column], widths[column]);
                if right[column] { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            })
            .collect();
        out.extend_from_slice(cells.join("  ").trim_end().as_bytes());
        out.push(b'\n');
    }
}
