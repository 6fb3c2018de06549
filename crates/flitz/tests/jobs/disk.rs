//! Disks that are full, and folders that can't be written: nothing is lost, and the same command goes on after.

use std::path::PathBuf;
use std::process::Command;

use expect_test::expect;

use crate::harness::{BOUNDED, JSON, Place, exactly_once, topic_table};

/// A file system of its own in memory; gone when dropped.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// None where the system doesn't let us mount.
    fn new(place: &Place, size: &str) -> Option<SmallDisk> {
        let path = place.path().join("disk");
        std::fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path);
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(SmallDisk { path });
        }
        eprintln!("SKIPPED: no small disk without the right to mount one");
        None
    }

    fn grow(&self, size: &str) {
        let mut command = Command::new("mount");
        assert!(command.args(["-o", &format!("remount,size={size}")]).arg(&self.path).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

const COLUMNS: &str = "n BIGINT, text STRING";
const ROWS: usize = 30_000;

/// A topic `numbers` of some megabytes.
fn fill(place: &Place) {
    let generated = format!(
        "CREATE TABLE generated ({COLUMNS}) WITH ('connector' = 'datagen', 'fields.n.kind' = 'sequence', \
         'fields.n.start' = '1', 'fields.n.end' = '{ROWS}', 'fields.text.length' = '100');\n"
    );
    let numbers = topic_table("embedded:in.db", "numbers", COLUMNS, JSON);
    place.run(&format!("{generated}{numbers}INSERT INTO numbers SELECT * FROM generated;")).succeeded();
}

fn numbers() -> String {
    topic_table("embedded:in.db", "numbers", COLUMNS, &(BOUNDED.to_owned() + JSON))
}

/// All of them, each once.
#[track_caller]
fn assert_complete(mut numbers: Vec<u64>) {
    numbers.sort();
    assert_eq!(numbers.len(), ROWS);
    assert!(numbers.iter().copied().eq(1..=ROWS as u64));
}

fn number(line: &str) -> u64 {
    serde_json::from_str::<serde_json::Value>(line).unwrap()["n"].as_u64().unwrap()
}

#[test]
fn a_full_disk_under_an_embedded_topic() {
    let place = Place::new();
    let Some(disk) = SmallDisk::new(&place, "2m") else { return };
    fill(&place);
    let copy = topic_table("embedded:disk/out.db", "copy", COLUMNS, &(JSON.to_owned() + &exactly_once("copy")));
    let sql = format!("{}{copy}INSERT INTO copy SELECT * FROM numbers;", numbers());
    expect![[r#"
        error: embedded:disk/out.db: database or disk is full; free some disk space and start the job again; nothing was lost
    "#]]
    .assert_eq(&without_progress(place.run(&sql).failed(1)));
    disk.grow("60m");
    place.run(&sql).succeeded();
    assert_complete(place.records("embedded:disk/out.db", "copy").iter().map(|line| number(line)).collect());
}

#[test]
fn a_full_disk_under_files() {
    let place = Place::new();
    let Some(disk) = SmallDisk::new(&place, "2m") else { return };
    fill(&place);
    let files =
        format!("CREATE TABLE files ({COLUMNS}) WITH ('connector' = 'filesystem', 'path' = 'disk/files'{JSON});\n");
    let sql = format!("{}{files}INSERT INTO files SELECT * FROM numbers;", numbers());
    let said = without_progress(place.run(&sql).failed(1));
    let (before, after) = (said.find("/disk/files/").unwrap(), said.find(": the disk").unwrap());
    expect![[r#"
        error: can't write DIR/disk/files/PART: the disk is full (in default_catalog.default_database.files); make room and start the job again: it goes on at its last checkpoint
    "#]]
    .assert_eq(&format!("{}/disk/files/PART{}", &said[..before], &said[after..]));
    let visible = |place: &Place| {
        let files = std::fs::read_dir(place.path().join("disk/files")).unwrap().map(|entry| entry.unwrap().path());
        let visible = files.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.'));
        visible.map(|path| std::fs::read_to_string(path).unwrap()).collect::<String>()
    };
    disk.grow("60m");
    place.run(&sql).succeeded();
    assert_complete(visible(&place).lines().map(number).collect());
}

/// Its window keeps every number until the end, so its checkpoints are as large as its input.
fn windowed(settings: &str) -> String {
    windowed_with(&format!("SET 'execution.checkpointing.dir' = 'disk';\n{settings}"))
}

fn windowed_with(settings: &str) -> String {
    let columns = "n BIGINT, text STRING, ts AS TIMESTAMP '2020-01-01 00:00:00', WATERMARK FOR ts AS ts";
    let numbers = topic_table("embedded:in.db", "numbers", columns, &(BOUNDED.to_owned() + JSON));
    let copy = topic_table("embedded:out.db", "copy", COLUMNS, &(JSON.to_owned() + &exactly_once("copy")));
    format!(
        "SET 'execution.checkpointing.interval' = '50 ms';\n{settings}{numbers}{copy}INSERT INTO copy SELECT n, \
         text FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end, n, text;"
    )
}

#[test]
fn a_full_disk_under_checkpoints() {
    let place = Place::new();
    let Some(disk) = SmallDisk::new(&place, "1m") else { return };
    fill(&place);
    let sql = windowed("");
    let said = without_progress(place.run(&sql).failed(1));
    let (before, after) = (said.find("/disk/").unwrap(), said.find(": the disk").unwrap());
    expect![[r#"
        error: can't write DIR/disk/FILE: the disk is full; make room and start again: the last confirmed checkpoint is intact
    "#]]
    .assert_eq(&format!("{}/disk/FILE{}", &said[..before], &said[after..]));
    assert!(place.records("embedded:out.db", "copy").is_empty());
    disk.grow("60m");
    place.run(&sql).succeeded();
    assert_complete(place.records("embedded:out.db", "copy").iter().map(|line| number(line)).collect());
}

#[test]
fn a_full_disk_under_state_larger_than_memory() {
    let place = Place::new();
    let Some(disk) = SmallDisk::new(&place, "1m") else { return };
    fill(&place);
    let file = place.write("spilling.sql", &windowed_with("SET 'io.tmp.dirs' = 'disk';\n"));
    let run = || place.flitz(["run", "--memory", "6m", file.to_str().unwrap()]).run();
    expect![[r#"
        error: can't write state that is larger than memory to disk: the disk is full (in WindowAggregate(groupBy=[n, text], window=[TUMBLE(ts, size=86400000 ms)], select=[])); make room, set 'io.tmp.dirs' to a larger disk or raise --memory, and start again: the last checkpoint is intact
    "#]]
    .assert_eq(&without_progress(run().failed(1)));
    assert!(place.records("embedded:out.db", "copy").is_empty());
    assert!(std::fs::read_dir(&disk.path).unwrap().next().is_none(), "nothing is left there");
    disk.grow("60m");
    run().succeeded();
    assert_complete(place.records("embedded:out.db", "copy").iter().map(|line| number(line)).collect());
}

#[test]
fn failed_checkpoints_that_are_tolerated_are_tried_again() {
    let place = Place::new();
    let Some(disk) = SmallDisk::new(&place, "1m") else { return };
    fill(&place);
    let set = "SET 'execution.checkpointing.tolerable-failed-checkpoints' = '1000';\n";
    let file = place.write("tolerant.sql", &windowed(set));
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    running.until("a checkpoint failed twice", |r| r.stderr().contains("failed (2 of 1000 tolerated)").then_some(()));
    assert!(place.records("embedded:out.db", "copy").is_empty());
    disk.grow("60m");
    running.wait().succeeded();
    assert_complete(place.records("embedded:out.db", "copy").iter().map(|line| number(line)).collect());
}

#[test]
fn a_restart_strategy_waits_for_room() {
    let place = Place::new();
    let Some(disk) = SmallDisk::new(&place, "2m") else { return };
    fill(&place);
    let copy = topic_table("embedded:disk/out.db", "copy", COLUMNS, &(JSON.to_owned() + &exactly_once("copy")));
    let set = "SET 'restart-strategy.type' = 'fixed-delay';\nSET 'restart-strategy.fixed-delay.attempts' = '10000';\n\
               SET 'restart-strategy.fixed-delay.delay' = '20 ms';\n";
    let script = format!("{set}{}{copy}INSERT INTO copy SELECT * FROM numbers;", numbers());
    let file = place.write("patient.sql", &script);
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    running
        .until("it starts again twice", |r| (r.stderr().matches("starting again in 0.0 s").count() > 1).then_some(()));
    disk.grow("60m");
    running.wait().succeeded();
    assert_complete(place.records("embedded:disk/out.db", "copy").iter().map(|line| number(line)).collect());
}

#[test]
fn a_checkpoint_folder_that_cannot_be_made() {
    let place = Place::new();
    place.write("file", "");
    let table = topic_table("embedded:x.db", "numbers", COLUMNS, &(BOUNDED.to_owned() + JSON));
    let shown = format!("CREATE TABLE shown ({COLUMNS}) WITH ('connector' = 'print');\n");
    let run = |folder: &str| {
        let set = format!("SET 'execution.checkpointing.dir' = '{folder}';\n");
        place.run(&format!("{set}{table}{shown}INSERT INTO shown SELECT * FROM numbers;")).failed(1)
    };
    expect![[r#"
        error: can't create the checkpoint folder file/x: a part of the path is a file; set 'execution.checkpointing.dir' to a directory
    "#]]
    .assert_eq(&run("file/x"));
    expect![[r#"
        error: can't create the checkpoint folder /proc/flitz: No such file or directory (os error 2); set 'execution.checkpointing.dir' to a place that can be written
    "#]]
    .assert_eq(&run("/proc/flitz"));
}

/// What a loaded machine adds: a line of progress, a resumption.
fn without_progress(said: String) -> String {
    said.lines().filter(|line| line.starts_with("error: ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_file_whose_time_is_over_becomes_visible_though_no_row_comes() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("in")).unwrap();
    place.write("in/a.json", "{\"id\":1}\n");
    let sql = "SET 'execution.checkpointing.interval' = '50 ms';
        CREATE TABLE i (id INT) WITH ('connector' = 'filesystem', 'path' = 'in', 'format' = 'json', 'source.monitor-interval' = '1 s');
        CREATE TABLE o (id INT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json',
          'sink.rolling-policy.inactivity-interval' = '300 ms', 'sink.rolling-policy.check-interval' = '50 ms');
        INSERT INTO o SELECT id FROM i;";
    let file = place.write("script.sql", sql);
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    running.until("the file is visible", |_| {
        let entries = std::fs::read_dir(place.path().join("out")).ok()?;
        let is_part = |name: std::ffi::OsString| name.to_string_lossy().starts_with("part-");
        entries.flatten().any(|entry| is_part(entry.file_name())).then_some(())
    });
    running.stop().succeeded();
}
