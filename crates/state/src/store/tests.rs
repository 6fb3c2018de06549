//! A small job over real stores: it counts rows, keeps one run per row, and must never repeat or lose one.

mod job;

use std::sync::Arc;

use expect_test::{Expect, expect};
use flitz_dataflow::{Epoch, ErrorKind};
use flitz_testkit::FaultyStore;
use object_store::memory::InMemory;

use self::job::{Counting, FakeSink, System, following, nodes};
use super::*;

fn local(folder: &tempfile::TempDir, job: &str) -> CheckpointStore {
    CheckpointStore::open(folder.path().to_str().unwrap(), job, &Options::default()).unwrap()
}

/// Names in the job's folder, with attempts and epochs as short as they are.
fn listing(store: &CheckpointStore) -> String {
    let short = |name: String| {
        name.split('-')
            .map(|p| if p.starts_with('0') { p.trim_start_matches('0') } else { p })
            .collect::<Vec<_>>()
            .join("-")
    };
    store.list().unwrap().iter().map(|name| short(name.to_string())).collect::<Vec<_>>().join("\n")
}

fn error_of<T>(result: Result<T>, folder: &tempfile::TempDir) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(e) => {
            let path = folder.path().canonicalize().unwrap();
            e.to_string().replace(path.to_str().unwrap(), "DIR").replace(folder.path().to_str().unwrap(), "DIR")
        }
    }
}

#[test]
fn a_job_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let system = System::default();
    let store = local(&folder, "orders");
    let mut job = Counting::start(&store, &system, Start::Resume).unwrap();
    assert_eq!(job.session.resumed, None);
    for _ in 0..3 {
        job.epoch(1).unwrap();
    }
    job.epoch(0).unwrap();
    job.session.finish().unwrap();
    drop(job);
    expect![[r#"
        attempt-1
        lineage-1
        manifest-1-4
        confirmed-1-4
        state-1-1-n2-w0-.arrow
        state-1-2-n2-w0-.arrow
        state-1-3-n2-w0-.arrow"#]]
    .assert_eq(&listing(&store));

    let mut job = Counting::start(&store, &system, Start::Resume).unwrap();
    assert_eq!(job.session.resumed.as_ref().unwrap().epoch, Epoch(4));
    assert_eq!((job.session.next_epoch, job.read), (Epoch(5), 3));
    job.epoch(2).unwrap();
    job.session.finish().unwrap();
    assert_eq!(system.visible(), [0, 1, 2, 3, 4]);
    expect![[r#"
        attempt-2
        lineage-2
        manifest-2-5
        confirmed-2-5
        state-1-1-n2-w0-.arrow
        state-1-2-n2-w0-.arrow
        state-1-3-n2-w0-.arrow
        state-2-5-n2-w0-.arrow"#]]
    .assert_eq(&listing(&store));
    assert_eq!(store.checkpoints().unwrap().len(), 1);
}

#[test]
fn only_what_changed_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = Counting::start(&local(&folder, "orders"), &System::default(), Start::Resume).unwrap();
    let first = job.epoch(1000).unwrap();
    let second = job.epoch(1).unwrap();
    let idle = job.epoch(0).unwrap();
    assert_eq!((first.objects, second.objects, idle.objects), (2, 2, 1));
    assert!(second.bytes < first.bytes / 2 && second.total_bytes > first.bytes / 2, "{first:?} {second:?}");
}

#[test]
fn objects_of_dead_runs_go_and_mostly_dead_ones_are_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(&folder, "orders");
    let mut job = Counting::start(&store, &System::default(), Start::Resume).unwrap();
    job.payload = 200_000;
    job.epoch(10).unwrap();
    job.payload = 0;
    // One of ten runs stays alive: less than a quarter of the object's rows.
    job.forget(9);
    job.epoch(0).unwrap();
    job.session.finish().unwrap();
    expect![[r#"
        attempt-1
        lineage-1
        manifest-1-2
        confirmed-1-2
        state-1-2-n2-w0-.arrow"#]]
    .assert_eq(&listing(&store));
}

#[test]
fn a_finished_job_runs_again_once_its_end_was_reported() {
    let folder = tempfile::tempdir().unwrap();
    let system = System::default();
    let store = local(&folder, "orders");
    let mut job = Counting::start(&store, &system, Start::Resume).unwrap();
    let run = job.session.run.clone();
    job.finished = true;
    job.epoch(2).unwrap();
    // Dies, is started again, dies before it could say so, and is started once more.
    for _ in 0..2 {
        assert_eq!(Counting::start(&store, &system, Start::Resume).err(), Some(Error::internal("over")));
    }
    assert_eq!(system.visible(), [0, 1]);
    let sink = FakeSink(system.clone());
    let other = Job { query: "other", nodes: &nodes(), deciding: Some(&sink), following: &BTreeMap::new(), room: None };
    expect!["another query had come to its end as job 'orders' (checkpoint 1), in a run that was broken off; run the script as it was, so that it goes on where it stopped, or start everything anew with `--fresh`"]
        .assert_eq(&error_of(store.recover(&other, Start::Resume).map(drop), &folder));
    job.session.finish().unwrap();
    job.session.end().unwrap().report().unwrap();
    let job = Counting::start(&store, &system, Start::Resume).unwrap();
    assert_ne!(job.session.run, run);
    assert_eq!((job.read, job.session.next_epoch), (0, Epoch(1)));
}

#[test]
fn every_crash_of_the_store_and_the_sink_is_survived() {
    for applied in [false, true] {
        for mode in [job::Mode::Deciding, job::Mode::Files] {
            let mut fault = 1;
            loop {
                let memory = Arc::new(InMemory::new());
                let system = System::of(mode);
                let faulty = Arc::new(FaultyStore::new(memory.clone(), fault, applied));
                let failed = run_to(&in_memory(faulty.clone()), &system, 4).is_err();
                // A second crash, as soon after the first.
                let again = Arc::new(FaultyStore::new(memory.clone(), fault, applied));
                let _ = run_to(&in_memory(again), &system, 4);
                run_to(&in_memory(memory), &system, 6)
                    .unwrap_or_else(|e| panic!("operation {fault} of {mode:?}, applied {applied}: {e}"));
                assert_eq!(system.visible(), (0..6).collect::<Vec<i64>>(), "operation {fault} of {mode:?}");
                // Deletion fails without consequences, so there may be faults that nobody noticed.
                if !failed && faulty.requests() < fault {
                    break;
                }
                fault += 1;
            }
            assert!(fault > 20, "{fault}");
        }
    }
}

#[test]
fn every_crash_of_the_sink_is_survived() {
    for applied in [false, true] {
        for fault in 1..=8 {
            let memory: Arc<dyn object_store::ObjectStore> = Arc::new(InMemory::new());
            let system = System::default();
            system.fail_commit(fault, applied);
            let _ = run_to(&in_memory(memory.clone()), &system, 4);
            system.fail_commit(1, applied);
            let _ = run_to(&in_memory(memory.clone()), &system, 4);
            system.heal();
            run_to(&in_memory(memory), &system, 6).unwrap();
            assert_eq!(system.visible(), (0..6).collect::<Vec<i64>>(), "commit {fault}, applied {applied}");
        }
    }
}

fn in_memory(store: Arc<dyn object_store::ObjectStore>) -> CheckpointStore {
    let folder = Folder { store, path: "checkpoints/job".into(), place: "memory".into(), _lock: None };
    CheckpointStore::in_folder(folder, "memory", "job", &Options::default()).unwrap()
}

fn run_to(store: &CheckpointStore, system: &System, rows: i64) -> Result<()> {
    let mut job = Counting::start(store, system, Start::Resume)?;
    while job.read < rows {
        // Rows 1 and 4 put out nothing by themselves: their epochs follow.
        job.epoch(0)?;
        job.epoch(1)?;
    }
    job.session.finish()
}

#[test]
fn the_newer_process_wins() {
    let memory: Arc<dyn object_store::ObjectStore> = Arc::new(InMemory::new());
    for mode in [job::Mode::Deciding, job::Mode::Files] {
        let system = System::of(mode);
        let mut old = Counting::start(&in_memory(memory.clone()), &system, Start::Fresh).unwrap();
        old.epoch(1).unwrap();
        let mut new = Counting::start(&in_memory(memory.clone()), &system, Start::Resume).unwrap();
        assert_eq!(old.session.check_attempt().unwrap_err().kind, ErrorKind::Fenced);
        assert_eq!(old.epoch(1).unwrap_err().kind, ErrorKind::Fenced);
        new.epoch(1).unwrap();
        assert_eq!(system.visible(), [0, 1]);
    }
}

#[test]
fn one_process_per_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(&folder, "orders");
    local(&folder, "orders/other");
    let second = CheckpointStore::open(folder.path().to_str().unwrap(), "orders", &Options::default());
    expect!["job 'orders' is already running: process PID holds DIR/orders; stop it first, or give this job another name with SET 'pipeline.name' = '…'"]
        .assert_eq(&error_of(second, &folder).replace(&std::process::id().to_string(), "PID"));
    drop(store);
    local(&folder, "orders");
}

/// A job with checkpoints 0 to 3, its newest not confirmed, in `folder`.
fn crashed(folder: &tempfile::TempDir, system: &System) {
    let options = [("execution.checkpointing.num-retained".to_owned(), "2".to_owned())].into_iter().collect();
    let store = CheckpointStore::open(folder.path().to_str().unwrap(), "orders", &options).unwrap();
    let mut job = Counting::start(&store, system, Start::Resume).unwrap();
    job.epoch(1).unwrap();
    job.epoch(1).unwrap();
    job.session.finish().unwrap();
    system.fail_commit(1, false);
    job.epoch(1).unwrap_err();
}

fn check_start(prepare: impl Fn(&tempfile::TempDir, &System), start: Start, expected: Expect) {
    let folder = tempfile::tempdir().unwrap();
    let system = System::default();
    crashed(&folder, &system);
    prepare(&folder, &system);
    let store = local(&folder, "orders");
    expected.assert_eq(&match Counting::start(&store, &system, start) {
        Ok(job) => format!("epoch {} after {} rows", job.session.next_epoch, job.read),
        Err(e) => error_of::<()>(Err(e), &folder),
    });
}

#[test]
fn what_a_start_does_or_says() {
    check_start(|_, _| {}, Start::Resume, expect!["epoch 3 after 2 rows"]);
    check_start(|_, _| {}, Start::Fresh, expect!["epoch 1 after 0 rows"]);
    check_start(|_, _| {}, Start::FromCheckpoint(Epoch(1)), expect!["epoch 2 after 1 rows"]);
    check_start(|_, _| {}, Start::FromCheckpoint(Epoch(3)), expect!["epoch 4 after 3 rows"]);
    check_start(
        |_, _| {},
        Start::FromCheckpoint(Epoch(8)),
        expect!["there is no checkpoint 8 at DIR/orders; there are 1, 2, 3"],
    );
    let forget = |_: &tempfile::TempDir, system: &System| system.forget_marker();
    check_start(
        forget,
        Start::Resume,
        expect![
            "checkpoint 3 of job 'orders' at DIR/orders was not confirmed, and the sink no longer knows whether it was committed; look whether the last rows are there: if so resume with `--from-checkpoint 3`; resume by hand with `--from-checkpoint N` (there are 1, 2, 3; the newest is 3) or start anew with `--fresh`"
        ],
    );
    let lose = |folder: &tempfile::TempDir, _: &System| std::fs::remove_dir_all(folder.path().join("orders")).unwrap();
    check_start(
        lose,
        Start::Resume,
        expect![
            "the sink holds epoch 2 of job 'orders', but there are no checkpoints at DIR/orders; set 'execution.checkpointing.dir' to where they are, or start anew with `--fresh`"
        ],
    );
    check_start(lose, Start::Fresh, expect!["epoch 1 after 0 rows"]);
    let rename = |folder: &tempfile::TempDir, system: &System| {
        lose(folder, system);
        system.rename_job("sales");
    };
    check_start(
        rename,
        Start::Resume,
        expect![
            "the sink belongs to job 'sales', which committed epoch 2 in it; this is job 'orders'; give this job a sink (or 'sink.transactional-id-prefix') of its own; if the job was renamed, run it once with `--resume-from sales`"
        ],
    );
}

fn file_of(folder: &tempfile::TempDir, name: &str) -> std::path::PathBuf {
    let files = std::fs::read_dir(folder.path().join("orders")).unwrap();
    let mut files: Vec<_> = files.map(|f| f.unwrap().path()).collect();
    files.sort();
    files.into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name)).unwrap()
}

#[test]
fn damage_is_named() {
    let missing = |folder: &tempfile::TempDir, _: &System| std::fs::remove_file(file_of(folder, "state")).unwrap();
    check_start(
        missing,
        Start::Resume,
        expect![
            "checkpoint 2 of job 'orders' can't be loaded: DIR/orders/state-00000001-0000000001-n2-w0-0.arrow is missing; restore the file, resume from another with `--from-checkpoint N` (there are 1, 3), or start anew with `--fresh`"
        ],
    );
    let flip = |name: &'static str| {
        move |folder: &tempfile::TempDir, _: &System| {
            let path = file_of(folder, name);
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }
    };
    check_start(
        flip("state"),
        Start::Resume,
        expect![
            "checkpoint 2 of job 'orders' can't be loaded: DIR/orders/state-00000001-0000000001-n2-w0-0.arrow is damaged: its checksum is wrong; restore the file, resume from another with `--from-checkpoint N` (there are 1, 3), or start anew with `--fresh`"
        ],
    );
    check_start(
        flip("manifest"),
        Start::Resume,
        expect![
            "DIR/orders/manifest-00000001-0000000001 is damaged: its checksum is wrong; restore the file, resume with `--from-checkpoint N` (there are 2, 3), or start anew with `--fresh`"
        ],
    );
    check_start(flip("manifest"), Start::FromCheckpoint(Epoch(2)), expect!["epoch 3 after 2 rows"]);
    check_start(flip("manifest"), Start::Fresh, expect!["epoch 1 after 0 rows"]);
    check_start(
        flip("lineage"),
        Start::Resume,
        expect![
            "DIR/orders/lineage-00000001 is damaged: its checksum is wrong; restore the file, or start anew with `--fresh`"
        ],
    );
}

#[test]
fn another_query_is_refused_before_anything_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let system = System::default();
    crashed(&folder, &system);
    let store = local(&folder, "orders");
    let mut changed = nodes();
    changed[1].key = "agg2".into();
    changed[1].description = "GroupAggregate(by=[page])".into();
    let sink = FakeSink(system.clone());
    let job = Job { query: "query", nodes: &changed, deciding: Some(&sink), following: &BTreeMap::new(), room: None };
    expect!["the checkpoint is of another query: GroupAggregate(by=[page]) was GroupAggregate(by=[user]); go back to the query as it was, or start anew with `--fresh`"]
        .assert_eq(&error_of(store.recover(&job, Start::Resume).map(drop), &folder));
    assert_eq!(Counting::start(&store, &system, Start::Resume).unwrap().read, 2);
}

#[test]
fn a_renamed_job_takes_its_checkpoints_along() {
    for mode in [job::Mode::Deciding, job::Mode::Files] {
        let folder = tempfile::tempdir().unwrap();
        let system = System::of(mode);
        let mut job = Counting::start(&local(&folder, "orders"), &system, Start::Resume).unwrap();
        job.epoch(1).unwrap();
        drop(job);
        let store = local(&folder, "sales");
        let from = || Start::ResumeFrom("orders".into());
        let mut job = Counting::start(&store, &system, from()).unwrap();
        assert_eq!((job.read, job.session.next_epoch), (1, Epoch(2)));
        job.epoch(1).unwrap();
        for start in [Start::Resume, from()] {
            let mut job = Counting::start(&store, &system, start).unwrap();
            job.epoch(1).unwrap();
        }
        assert_eq!(system.visible(), [0, 1, 2, 3]);
        expect!["job 'nobody' has nothing to resume from at DIR/nobody; start anew with `--fresh`"].assert_eq(
            &error_of(
                Counting::start(
                    &local(&folder, "third"),
                    &System::of(job::Mode::Files),
                    Start::ResumeFrom("nobody".into()),
                ),
                &folder,
            ),
        );
    }
}

#[test]
fn runs_of_several_workers_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let system = System::default();
    let store = local(&folder, "orders");
    let mut job = Counting::start(&store, &system, Start::Resume).unwrap();
    job.workers = 2;
    job.epoch(3).unwrap();
    let job = Counting::start(&store, &system, Start::Resume).unwrap();
    let mut ids: Vec<u64> = job.restored.iter().map(|run| run.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

#[test]
fn places_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let open = |location: &str| error_of(CheckpointStore::open(location, "orders", &Options::default()), &folder);
    expect!["can't create the checkpoint folder DIR/file/x: a part of the path is a file; set 'execution.checkpointing.dir' to a directory"]
        .assert_eq(&open(file.join("x").to_str().unwrap()));
    expect!["not supported: checkpoints in 'hdfs://' (option 'execution.checkpointing.dir'); use a directory, s3:// or gs://"]
        .assert_eq(&open("hdfs://name/checkpoints"));
    expect!["'ftp://x/y' is no place for checkpoints (option 'execution.checkpointing.dir'); use a directory, s3://bucket/prefix or gs://bucket/prefix"]
        .assert_eq(&open("ftp://x/y"));
    expect!["'s3:///x' names no bucket (option 'execution.checkpointing.dir')"].assert_eq(&open("s3:///x"));
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    expect!["can't write /c/x: the disk is full; make room and start again: the last confirmed checkpoint is intact"]
        .assert_eq(&crate::error::of_io("can't write", "/c/x", &full).to_string());
}

#[test]
fn leftovers_of_a_crash_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("orders");
    std::fs::create_dir_all(&job).unwrap();
    std::fs::write(job.join("attempt-00000001#1"), "").unwrap();
    std::fs::write(job.join("mine#1"), "").unwrap();
    local(&folder, "orders");
    assert!(!job.join("attempt-00000001#1").exists() && job.join("mine#1").exists());
}

/// `FLITZ_TEST_S3=s3://bucket/prefix` (or `gs://…`), with the credentials in the environment.
#[test]
fn a_real_object_store_does_the_same() {
    let Ok(location) = std::env::var("FLITZ_TEST_S3") else { return };
    let location = format!("{location}/{}", random_hex());
    let system = System::default();
    let open = || CheckpointStore::open(&location, "orders", &Options::default()).unwrap();
    run_to(&open(), &system, 3).unwrap();
    let mut zombie = Counting::start(&open(), &system, Start::Resume).unwrap();
    run_to(&open(), &system, 5).unwrap();
    assert_eq!(zombie.epoch(1).unwrap_err().kind, ErrorKind::Fenced);
    assert_eq!(system.visible(), [0, 1, 2, 3, 4]);
    assert_eq!(open().checkpoints().unwrap().len(), 1);
    let wrong = [("s3.secret-key", "wrong"), ("s3.access-key", "nobody")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let refused = CheckpointStore::open(&location, "orders", &wrong.into_iter().collect()).unwrap().checkpoints();
    if location.starts_with("s3") {
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("check the credentials") && !message.contains("wrong"), "{message}");
    }
    let _ = following(&system);
}

/// Runs in memory and on disk are saved side by side; one that moves to disk is not written again. What is restored
/// beyond the memory there is lies on disk.
#[test]
fn state_larger_than_memory_is_saved_and_restored() {
    let (folder, scratch_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let scratch = Arc::new(crate::spill::Scratch::new(vec![scratch_folder.path().to_owned()]).unwrap());
    let mut system = System::default();
    for memory_bytes in [1 << 30, 100_000] {
        system.room = Some(crate::Room { memory_bytes, scratch: scratch.clone() });
        let mut job = Counting::start(&local(&folder, "orders"), &system, Start::Resume).unwrap();
        let on_disk = job.restored.iter().filter(|run| run.spilled().is_some()).count();
        assert_eq!(on_disk, if memory_bytes > 1_000_000 { 0 } else { job.restored.len() });
        job.payload = 100_000;
        job.epoch(3).unwrap();
        let bytes = job.epoch(0).unwrap().bytes;
        job.spill();
        assert!(job.epoch(0).unwrap().bytes < bytes + 100, "nothing is written again");
        job.epoch(3).unwrap();
        job.spill();
        job.epoch(2).unwrap();
        // Larger than an object: in memory, then the same run on disk and another.
        job.payload = 20 << 20;
        job.epoch(1).unwrap();
        job.spill();
        job.epoch(1).unwrap();
        job.session.finish().unwrap();
    }
    let job = Counting::start(&local(&folder, "orders"), &system, Start::Resume).unwrap();
    assert_eq!(job.read, 20);
}
