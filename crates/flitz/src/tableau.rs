//! Tables of text as Flink's client draws them: right-aligned cells between rules of `+---+`.

use std::io::Write;

use flitz_dataflow::TypeKind;

/// What stands for NULL.
pub const NULL: &str = "<NULL>";
/// Of the column that says what happened to a row.
const KIND_WIDTH: usize = 4;

/// Column names, and how wide each column is drawn.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub names: Vec<String>,
    pub widths: Vec<usize>,
    /// Begins each row with `+I`, `-U`, `+U` or `-D`.
    pub with_kinds: bool,
}

impl Frame {
    /// As wide as the types may need, at most `width_max` where they say nothing: rows are drawn as they come.
    pub fn of_types<'a>(
        names: Vec<String>,
        types: impl Iterator<Item = &'a TypeKind>,
        width_max: usize,
        with_kinds: bool,
    ) -> Frame {
        let widths = types.zip(&names).map(|(kind, name)| type_width(kind, width_max).max(width(name))).collect();
        Frame { names, widths, with_kinds }
    }

    /// As wide as the rows need, at most `width_max`.
    pub fn of_rows<'a, R>(names: Vec<String>, rows: impl Iterator<Item = R>, width_max: usize) -> Frame
    where
        R: IntoIterator<Item = &'a str>,
    {
        let mut widths: Vec<usize> = names.iter().map(|name| width(name)).collect();
        for row in rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell).min(width_max));
            }
        }
        Frame { names, widths, with_kinds: false }
    }

    /// Takes from the widest columns until the table fits into a line of `columns` characters.
    pub fn fit(&mut self, columns: usize) {
        const LEAST: usize = 6;
        let frame = 1 + 3 * self.widths.len() + if self.with_kinds { KIND_WIDTH + 1 } else { 0 };
        let mut excess = (self.widths.iter().sum::<usize>() + frame).saturating_sub(columns);
        while excess > 0 {
            let Some(widest) = self.widths.iter_mut().max().filter(|w| **w > LEAST) else { return };
            *widest -= 1;
            excess -= 1;
        }
    }

    pub fn head(&self, out: &mut impl Write) -> std::io::Result<()> {
        self.rule(out)?;
        self.row(out, "op", self.names.iter().map(String::as_str))?;
        self.rule(out)
    }

    pub fn rule(&self, out: &mut impl Write) -> std::io::Result<()> {
        let mut line = String::new();
        if self.with_kinds {
            line.push_str("+----");
        }
        for width in &self.widths {
            line.push('+');
            line.push_str(&"-".repeat(width + 2));
        }
        writeln!(out, "{line}+")
    }

    pub fn row<'a>(
        &self,
        out: &mut impl Write,
        kind: &str,
        cells: impl Iterator<Item = &'a str>,
    ) -> std::io::Result<()> {
        let mut line = String::new();
        if self.with_kinds {
            line.push_str(&format!("| {kind} "));
        }
        for (cell, &limit) in cells.zip(&self.widths) {
            line.push_str("| ");
            push_right(&mut line, cell, limit);
            line.push(' ');
        }
        writeln!(out, "{line}|")
    }
}

/// What the type may need (Flink's `columnWidthsByType`).
fn type_width(kind: &TypeKind, width_max: usize) -> usize {
    let fraction = |precision: &u8| if *precision == 0 { 0 } else { *precision as usize + 1 };
    let width = match kind {
        TypeKind::TinyInt => 4,
        TypeKind::SmallInt => 6,
        TypeKind::Int => 11,
        TypeKind::BigInt => 20,
        TypeKind::Decimal { precision, .. } => *precision as usize + 2,
        TypeKind::Boolean => 5,
        TypeKind::Date => 10,
        TypeKind::Time(precision) => 8 + fraction(precision),
        TypeKind::Timestamp { precision, .. } | TypeKind::TimestampLtz { precision, .. } => 19 + fraction(precision),
        _ => width_max,
    };
    width.max(NULL.len())
}

fn push_right(line: &mut String, cell: &str, limit: usize) {
    let wanted = width(cell);
    if wanted <= limit {
        line.push_str(&" ".repeat(limit - wanted));
        line.push_str(cell);
        return;
    }
    let mut room = limit.saturating_sub(3);
    for c in cell.chars() {
        let needed = char_width(c);
        if needed > room {
            break;
        }
        room -= needed;
        line.push(c);
    }
    line.push_str(&" ".repeat(room));
    line.push_str("...");
}

/// Columns of a terminal that the text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char_width).sum() }
}

/// 2 for the wide characters of East Asia and most emoji, 0 for marks that stand on the character before.
fn char_width(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(frame: &Frame, rows: &[&[&str]]) -> String {
        let mut out = vec![];
        frame.head(&mut out).unwrap();
        for row in rows {
            frame.row(&mut out, "+I", row.iter().copied()).unwrap();
        }
        frame.rule(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn as_flink_draws_a_stream() {
        let types = [TypeKind::Int, TypeKind::BigInt];
        let frame = Frame::of_types(vec!["k".to_owned(), "n".to_owned()], types.iter(), 30, true);
        expect_test::expect![[r#"
            +----+-------------+----------------------+
            | op |           k |                    n |
            +----+-------------+----------------------+
            | +I |           1 |               <NULL> |
            +----+-------------+----------------------+
        "#]]
        .assert_eq(&drawn(&frame, &[&["1", NULL]]));
    }

    #[test]
    fn wide_characters_and_long_cells() {
        let rows: [&[&str]; 2] = [&["東京", "a very long text"], &["x", "y"]];
        let mut frame = Frame::of_rows(vec!["a".to_owned(), "b".to_owned()], rows.iter().map(|r| r.to_vec()), 30);
        frame.fit(20);
        expect_test::expect![[r#"
            +------+-----------+
            |    a |         b |
            +------+-----------+
            | 東京 | a very... |
            |    x |         y |
            +------+-----------+
        "#]]
        .assert_eq(&drawn(&frame, &rows));
    }
}
