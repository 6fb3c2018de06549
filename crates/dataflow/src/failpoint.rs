//! Named moments at which a test may have the process die: `FLITZ_FAILPOINT=snapshot:3` kills it with
//! SIGKILL when it comes to `snapshot` for the third time.
//!
//! The names: `after-flush`, `staged`, `snapshot`, `offsets-sent`, `commit-sent`, `commit-confirmed`,
//! `part-visible`, `published`, `finished`, `ended`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

struct Failpoint {
    name: String,
    left: AtomicU64,
}

/// Dies here if the environment says so; else costs one load.
pub fn hit(name: &str) {
    static FAILPOINT: OnceLock<Option<Failpoint>> = OnceLock::new();
    let Some(failpoint) = FAILPOINT.get_or_init(from_environment) else { return };
    if failpoint.name == name && failpoint.left.fetch_sub(1, Ordering::SeqCst) == 1 {
        die();
    }
}

fn from_environment() -> Option<Failpoint> {
    let text = std::env::var("FLITZ_FAILPOINT").ok()?;
    let (name, nth) = text.split_once(':').unwrap_or((&text, "1"));
    Some(Failpoint { name: name.to_owned(), left: AtomicU64::new(nth.parse().unwrap_or(1)) })
}

/// As `kill -9` does it: no destructor, no flush, no signal handler.
#[cfg(unix)]
fn die() -> ! {
    use std::process::Command;
    // The shell's kill is enough for a test and spares this crate a dependency on libc.
    let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
    std::process::abort();
}

#[cfg(not(unix))]
fn die() -> ! {
    std::process::abort();
}
