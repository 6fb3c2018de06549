//! What users read when checkpoints can't be written or don't fit.

use std::error::Error as StdError;
use std::io;

use flitz_dataflow::{Epoch, Error};

use crate::decide::Refusal;

/// An error of the object store, with its cause in a user's words and the place it happened at.
pub fn of_store(doing: &str, place: &str, error: &object_store::Error) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(e) = cause {
        if let Some(io) = e.downcast_ref::<io::Error>().filter(|io| is_of_a_disk(io.kind())) {
            return of_io(doing, place, io);
        }
        cause = e.source();
    }
    flitz_storage::failed(doing, place, error)
}

/// What [`of_io`] has words of its own for.
fn is_of_a_disk(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    [StorageFull, QuotaExceeded, PermissionDenied, ReadOnlyFilesystem, NotADirectory].contains(&kind)
}

pub fn of_io(doing: &str, place: &str, error: &io::Error) -> Error {
    let (why, hint) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("the disk is full".to_owned(), "make room and start again: the last confirmed checkpoint is intact")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
            match error.kind() {
                io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                _ => "the file system is read-only".to_owned(),
            },
            "set 'execution.checkpointing.dir' to a place that can be written",
        ),
        io::ErrorKind::NotADirectory => {
            ("a part of the path is a file".to_owned(), "set 'execution.checkpointing.dir' to a directory")
        }
        io::ErrorKind::NotFound => {
            (error.to_string(), "set 'execution.checkpointing.dir' to a place that can be written")
        }
        _ => return Error::unavailable(format!("{doing} {place}: {error}")),
    };
    Error::unavailable(format!("{doing} {place}: {why}")).hint(hint)
}

/// An error of the disk that state goes to when memory is full.
pub fn of_scratch(doing: &str, folder: &std::path::Path, error: &io::Error) -> Error {
    let place = folder.display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::unavailable(format!(
            "{doing} state that is larger than memory to {place}: the disk is full"
        ))
        .hint("make room, set 'io.tmp.dirs' to a larger disk or raise --memory, and start again: the last checkpoint is intact"),
        _ => Error::unavailable(format!("{doing} state that is larger than memory: {place}: {error}"))
            .hint("set 'io.tmp.dirs' to a folder that can be written"),
    }
}

/// What the user may do about a state that recovery can't resolve by itself.
pub fn of_refusal(refusal: &Refusal, job: &str, place: &str) -> Error {
    match refusal {
        Refusal::OtherJob(marker) => Error::invalid(format!(
            "the sink belongs to job '{}', which committed epoch {} in it; this is job '{job}'",
            marker.job, marker.epoch
        ))
        .hint(format!(
            "give this job a sink (or 'sink.transactional-id-prefix') of its own; if the job was renamed, \
             run it once with `--resume-from {}`",
            marker.job
        )),
        Refusal::CheckpointsGone(marker) => Error::invalid(format!(
            "the sink holds epoch {} of job '{job}', but there are no checkpoints at {place}",
            marker.epoch
        ))
        .hint("set 'execution.checkpointing.dir' to where they are, or start anew with `--fresh`"),
        Refusal::UnknownMarker { marker, have } => Error::invalid(format!(
            "the sink holds epoch {} (attempt {}) of job '{job}', which is none of the checkpoints at {place} ({})",
            marker.epoch,
            marker.attempt,
            list(have)
        ))
        .hint(choices(have)),
        Refusal::Unsettled { newest, have } => Error::invalid(format!(
            "checkpoint {newest} of job '{job}' at {place} was not confirmed, and the sink no longer knows \
             whether it was committed"
        ))
        .hint(match newest.0 {
            n if n > 0 => format!(
                "look whether the last rows are there: if so resume with `--from-checkpoint {n}`; {}",
                choices(have)
            ),
            _ => choices(have),
        }),
        Refusal::NoSuchCheckpoint { wanted, have } => {
            Error::invalid(format!("there is no checkpoint {wanted} at {place}"))
                .hint(format!("there are {}", list(have)))
        }
    }
}

/// A bounded job ended, nobody was told, and now another query comes under its name.
pub fn of_other_end(job: &str, epoch: Epoch) -> Error {
    Error::invalid(format!(
        "another query had come to its end as job '{job}' (checkpoint {epoch}), in a run that was broken off"
    ))
    .hint("run the script as it was, so that it goes on where it stopped, or start everything anew with `--fresh`")
}

fn choices(have: &[Epoch]) -> String {
    match have.last() {
        Some(last) => format!(
            "resume by hand with `--from-checkpoint N` (there are {}; the newest is {last}) or start anew with `--fresh`",
            list(have)
        ),
        None => "start anew with `--fresh`".to_owned(),
    }
}

fn list(epochs: &[Epoch]) -> String {
    match epochs {
        [] => "none".to_owned(),
        epochs => epochs.iter().map(Epoch::to_string).collect::<Vec<_>>().join(", "),
    }
}
