//! The operator against the rule of one row and one window at a time, under random rows, disorder, watermarks,
//! barriers, recoveries and state that goes to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::tests::{CUMULATE, HOP, TUMBLE, halves, script};
use flitz_plan::WindowShape;

#[derive(Clone, Debug)]
enum Step {
    /// Key, time, value of each row.
    Batch(Vec<(u8, i64, Option<i8>)>),
    Watermark(i64),
    Barrier,
    Recover(u8),
    /// So many bytes to disk.
    Spill(u16),
}

/// What is known of a window's key: rows, sum (of how many values), distinct values.
#[derive(Clone, Debug, Default)]
struct Group {
    rows: i64,
    sum: i64,
    values: i64,
    distinct: BTreeSet<i8>,
}

#[derive(Clone, Debug)]
struct Model {
    shape: WindowShape,
    watermark: i64,
    late: u64,
    windows: BTreeMap<(i64, i64), BTreeMap<u8, Group>>,
}

impl Model {
    /// Every window a time lies in, found by trying all.
    fn windows_of(&self, time: i64) -> Vec<(i64, i64)> {
        let candidates = (-200..200_i64).flat_map(|start| (start + 1..start + 16).map(move |end| (start, end)));
        let is_window = |start: i64, end: i64| match self.shape {
            WindowShape::Tumble { size, .. } => start.rem_euclid(size) == 0 && end - start == size,
            WindowShape::Hop { slide, size, .. } => start.rem_euclid(slide) == 0 && end - start == size,
            WindowShape::Cumulate { step, size, .. } => {
                start.rem_euclid(size) == 0 && (end - start).rem_euclid(step) == 0 && end - start <= size
            }
            _ => unreachable!(),
        };
        candidates.filter(|(start, end)| (*start..*end).contains(&time) && is_window(*start, *end)).collect()
    }

    fn row(&mut self, key: u8, time: i64, value: Option<i8>) {
        let open: Vec<_> = self.windows_of(time).into_iter().filter(|(_, end)| end - 1 > self.watermark).collect();
        if open.is_empty() {
            self.late += 1;
        }
        for window in open {
            let group = self.windows.entry(window).or_default().entry(key).or_default();
            group.rows += 1;
            if let Some(value) = value {
                group.sum += i64::from(value);
                group.values += 1;
                group.distinct.insert(value);
            }
        }
    }

    fn watermark(&mut self, watermark: i64) -> Vec<String> {
        self.watermark = self.watermark.max(watermark);
        let due = self.windows.keys().copied().filter(|(_, end)| end - 1 <= self.watermark).collect::<Vec<_>>();
        let mut out = vec![];
        for window in due {
            for (key, group) in self.windows.remove(&window).unwrap_or_default() {
                let sum = if group.values == 0 { "NULL".to_owned() } else { group.sum.to_string() };
                let (rows, distinct) = (group.rows, group.distinct.len());
                out.push(format!("+I k{key} {rows} {sum} {distinct} {} {}", window.0, window.1));
            }
        }
        out.sort();
        out
    }
}

/// The script of the steps, and what the model says comes out.
fn play(shape: &WindowShape, steps: &[Step]) -> (String, String) {
    let mut model = Model { shape: shape.clone(), watermark: i64::MIN, late: 0, windows: BTreeMap::new() };
    let mut saved: Option<Model> = None;
    let (mut text, mut expected) = (String::new(), String::new());
    let mut emit = |line: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            let _ = write!(expected, "{line}\n    {}\n", rows.join("\n    "));
        }
    };
    for step in steps.iter().cloned().chain([Step::Watermark(i64::MAX / 2)]) {
        match step {
            Step::Batch(rows) => {
                let texts = rows.iter().map(|(key, time, value)| {
                    let value = value.map_or("NULL".to_owned(), |v| v.to_string());
                    format!("+I k{key} {time} {value}")
                });
                let _ = writeln!(text, "{}", texts.collect::<Vec<_>>().join(" | "));
                rows.into_iter().for_each(|(key, time, value)| model.row(key, time, value));
            }
            Step::Watermark(to) => {
                // Watermarks only ever advance.
                let to = to.max(model.watermark);
                let line = format!("watermark {to}");
                let _ = writeln!(text, "{line}");
                let rows = model.watermark(to);
                emit(&line, rows);
            }
            Step::Barrier => {
                let _ = writeln!(text, "barrier");
                saved = Some(model.clone());
            }
            Step::Spill(bytes) => {
                let _ = writeln!(text, "spill {bytes}");
            }
            Step::Recover(parallelism) => {
                if let Some(saved) = &saved {
                    model = saved.clone();
                    let _ = writeln!(text, "recover {parallelism}");
                    if model.watermark > i64::MIN {
                        let _ = writeln!(text, "watermark {}", model.watermark);
                    }
                }
            }
        }
    }
    let _ = writeln!(text, "late");
    emit("late", vec![model.late.to_string()]);
    (text, expected)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![Just(None), (0..4_i8).prop_map(Some)];
    let row = (0..5_u8, -20..60_i64, value);
    let step = prop_oneof![
        6 => prop::collection::vec(row, 1..12).prop_map(Step::Batch),
        4 => (-25..60_i64).prop_map(Step::Watermark),
        3 => Just(Step::Barrier),
        1 => (1..4_u8).prop_map(Step::Recover),
        2 => (1..2_000_u16).prop_map(Step::Spill),
    ];
    prop::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn windows_agree_with_the_model(steps in steps(), shape in prop::sample::select(vec![TUMBLE, HOP, CUMULATE])) {
        let (text, expected) = play(&shape, &steps);
        prop_assert_eq!(script(shape.clone()).sorted().run(&text), expected.clone(), "{}", text);
        let on_disk = script(shape.clone()).sorted().restores_to_disk();
        prop_assert_eq!(on_disk.run(&text), expected.clone(), "restored to disk: {}", text);
        prop_assert_eq!(halves::script(shape).sorted().run(&text), expected, "in two halves: {}", text);
    }
}
