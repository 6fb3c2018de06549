//! Whose turn it is to write.
//!
//! SQLite lets a writer wait by asking again after growing pauses, so one that writes without pause keeps the
//! others out for as long as it likes. Two locks beside the file make a queue of it:
//!
//! ```text
//!  waiting … waiting ─▶ gate (one at a time: the next) ─▶ turn (one at a time: the writer)
//! ```
//!
//! Whoever has just written comes to the gate behind the one that has passed it already.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How often the next one looks whether the writer is done.
const LOOK_INTERVAL: Duration = Duration::from_micros(500);

pub struct Turn {
    gate: File,
    turn: File,
}

/// The right to write, until it is dropped.
pub struct MyTurn<'a>(&'a File);

impl Turn {
    /// The locks of the file at `path`: `PATH-gate` and `PATH-turn`.
    pub fn open(path: &Path) -> io::Result<Turn> {
        let open = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            File::options().create(true).truncate(false).write(true).open(name)
        };
        Ok(Turn { gate: open("-gate")?, turn: open("-turn")? })
    }

    /// Waits for its turn; None when the writer has not finished within `patience`. One thread of a process at a
    /// time may ask.
    pub fn take(&self, patience: Duration) -> io::Result<Option<MyTurn<'_>>> {
        self.gate.lock()?;
        let turn = self.await_turn(patience);
        self.gate.unlock()?;
        turn
    }

    fn await_turn(&self, patience: Duration) -> io::Result<Option<MyTurn<'_>>> {
        let deadline = Instant::now() + patience;
        loop {
            match self.turn.try_lock() {
                Ok(()) => return Ok(Some(MyTurn(&self.turn))),
                Err(TryLockError::Error(e)) => return Err(e),
                Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Ok(None),
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK_INTERVAL),
            }
        }
    }
}

impl Drop for MyTurn<'_> {
    fn drop(&mut self) {
        // It can only fail for a file that is not open; the end of the process gives the lock back as well.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    /// Each thread opens the locks itself, as a process would.
    #[test]
    fn a_greedy_writer_does_not_starve_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topics.db");
        let (done, inside) = (AtomicBool::new(false), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                let turn = Turn::open(&path).unwrap();
                while !done.load(Ordering::Relaxed) {
                    let mine = turn.take(Duration::from_secs(10)).unwrap().unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    thread::sleep(Duration::from_millis(5));
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(mine);
                }
            });
            let modest: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let turn = Turn::open(&path).unwrap();
                        for _ in 0..20 {
                            let mine = turn.take(Duration::from_secs(10)).unwrap().unwrap();
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                            inside.fetch_sub(1, Ordering::SeqCst);
                            drop(mine);
                        }
                    })
                })
                .collect();
            modest.into_iter().for_each(|thread| thread.join().unwrap());
            done.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn patience_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topics.db");
        let (one, other) = (Turn::open(&path).unwrap(), Turn::open(&path).unwrap());
        let mine = one.take(Duration::ZERO).unwrap();
        assert!(other.take(Duration::from_millis(5)).unwrap().is_none());
        drop(mine);
        assert!(other.take(Duration::ZERO).unwrap().is_some());
    }
}
