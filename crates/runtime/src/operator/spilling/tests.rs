//! Every operator that spills, with and without: random rows, watermarks, clock, barriers and recoveries give the same
//! whenever state goes to disk, and wherever it comes back to.

use flitz_dataflow::ChangelogMode;
use flitz_plan::{Conflict, JoinKind, TimeKind, WindowShape};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::super::script::Script;
use super::super::window_aggregate::emitting::tests as emitting;
use super::super::window_aggregate::{single, tests as windows};
use super::super::{group_aggregate, upsert_materialize, window_join, window_rank};

/// What rows look like, and what else happens.
#[derive(Clone, Copy)]
enum Rows {
    /// `k v`, inserted, and taken out again if `retract`.
    Keyed { retract: bool },
    /// `k ts v`
    Timed,
    /// `k v ws we id`
    Windowed,
    /// `k v ws we`, of two sides.
    Sides,
}

const KEYS: u32 = 40;

/// A script, line by line. Rows that are retracted are rows that are there.
fn steps(random: &mut StdRng, kind: Rows) -> Vec<String> {
    let mut lines = vec![];
    let (mut present, mut saved, mut clock, mut watermark) = (vec![], None, 0, 0_i64);
    for _ in 0..random.random_range(10..60) {
        match random.random_range(0..100) {
            0..60 => {
                let rows: Vec<String> = (0..random.random_range(1..40))
                    .map(|_| {
                        let key = format!("key-{}", random.random_range(0..KEYS));
                        let value = random.random_range(0..1000);
                        let time = watermark + random.random_range(-8..30);
                        let start = time.div_euclid(10) * 10;
                        match kind {
                            Rows::Keyed { retract: true } if !present.is_empty() && random.random_bool(0.45) => {
                                let at = random.random_range(0..present.len());
                                format!("-D {}", present.swap_remove(at))
                            }
                            Rows::Keyed { .. } => {
                                let row = format!("{key} {value}");
                                present.push(row.clone());
                                format!("+I {row}")
                            }
                            Rows::Timed => format!("+I {key} {time} {value}"),
                            Rows::Windowed => format!("+I {key} {} {start} {} {value}", value % 7, start + 10),
                            Rows::Sides => format!("+I {key} {value} {start} {}", start + 10),
                        }
                    })
                    .collect();
                let side = if matches!(kind, Rows::Sides) && random.random_bool(0.5) { "right " } else { "" };
                lines.push(format!("{side}{}", rows.join(" | ")));
            }
            60..70 => {
                watermark += random.random_range(0..15);
                lines.push(format!("watermark {watermark}"));
            }
            70..78 => {
                clock += random.random_range(0..60);
                lines.push(format!("timer {clock}"));
            }
            78..92 => {
                lines.push("barrier".to_owned());
                saved = Some((present.clone(), watermark));
            }
            _ => {
                if let Some(saved) = saved.clone() {
                    lines.push(format!("recover {}", random.random_range(1..4)));
                    (present, watermark) = saved;
                    lines.push(format!("watermark {watermark}"));
                }
            }
        }
    }
    lines.push("late".to_owned());
    lines.push("end".to_owned());
    lines
}

fn check(name: &str, kind: Rows, script: impl Fn() -> Script) {
    for seed in 0..16 {
        let mut random = StdRng::seed_from_u64(seed);
        let lines = steps(&mut random, kind);
        let often = [0.1, 0.4, 0.9][seed as usize % 3];
        let mut spilling = vec![];
        for line in &lines {
            spilling.push(line.clone());
            if random.random_bool(often) {
                spilling.push(match random.random_bool(0.3) {
                    true => "spill".to_owned(),
                    false => format!("spill {}", random.random_range(1..6_000)),
                });
            }
        }
        let expected = script().run(&lines.join("\n"));
        let spilled = spilling.join("\n");
        assert_eq!(script().run(&spilled), expected, "{name}, seed {seed}:\n{spilled}");
        assert_eq!(script().restores_to_disk().run(&spilled), expected, "{name}, restored, seed {seed}:\n{spilled}");
    }
}

#[test]
fn group_aggregates() {
    let (insert, all) = (ChangelogMode::INSERT_ONLY, ChangelogMode::ALL);
    let keyed = |retract| Rows::Keyed { retract };
    check("inserts", keyed(false), || group_aggregate::tests::script(&[0], insert, all, None));
    check("retractions", keyed(true), || group_aggregate::tests::script(&[0], all, all, None));
    check("every change", keyed(true), || group_aggregate::tests::script(&[0], all, all, None).every_change());
    check("ttl", keyed(false), || group_aggregate::tests::script(&[0], insert, all, Some(70)));
    check("retractions and ttl", keyed(true), || group_aggregate::tests::script(&[0], all, all, Some(70)));
    check("batch", keyed(false), || group_aggregate::tests::script(&[0], insert, insert, None).batch_mode().sorted());
    check("two keys", keyed(false), || group_aggregate::tests::script(&[0, 1], insert, all, None));
    check("no key", keyed(true), || group_aggregate::tests::script(&[], all, all, None));
}

#[test]
fn windows_of_all_shapes() {
    for shape in [windows::TUMBLE, windows::HOP, windows::CUMULATE] {
        check("windows", Rows::Timed, || windows::script(shape.clone()).sorted());
    }
    check("sessions", Rows::Timed, || {
        let schema = windows::input(flitz_dataflow::TypeKind::timestamp(3));
        let node = windows::node(WindowShape::Session { gap: 4, partition: vec![0] }, TimeKind::Rowtime);
        let input = schema.clone();
        Script::new(schema, &[0], move |context| single(&node, &input, ChangelogMode::INSERT_ONLY, context)).sorted()
    });
    check("early and late", Rows::Timed, || emitting::script(windows::HOP, Some(20), Some(0), 15).sorted());
}

#[test]
fn ranks_and_joins() {
    check("first", Rows::Windowed, || window_rank::tests::script(1, 2, false));
    check("latest", Rows::Windowed, || window_rank::tests::script(2, 3, true));
    for kind in [JoinKind::Inner, JoinKind::Full, JoinKind::Semi, JoinKind::Anti] {
        check("join", Rows::Sides, || window_join::tests::script(kind, false, true));
    }
}

#[test]
fn materialized_upserts() {
    for conflict in [Conflict::Deduplicate, Conflict::Nothing] {
        check("upserts", Rows::Keyed { retract: true }, || upsert_materialize::tests::script(conflict).sorted());
    }
}
