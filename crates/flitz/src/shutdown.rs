//! Ctrl-C and SIGTERM: the first asks for a clean stop, the second ends at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static LISTENING: OnceLock<()> = OnceLock::new();

/// From here on the first signal only makes `requested` true.
pub fn listen() {
    LISTENING.get_or_init(|| {
        let listen = || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                for requested_before in [false, true] {
                    if !signal().await || requested_before {
                        break;
                    }
                    REQUESTED.store(true, Ordering::SeqCst);
                }
                std::process::exit(130);
            });
        };
        // Without the thread the signals keep their default: the process ends and resumes at its last checkpoint.
        let _ = thread::Builder::new().name("flitz-signals".to_owned()).spawn(listen);
    });
}

pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// As a signal does.
pub fn request() {
    REQUESTED.store(true, Ordering::SeqCst);
}

/// Waits for one signal; false if the process can't hear any.
#[cfg(unix)]
async fn signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return false };
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.is_ok(),
        _ = terminate.recv() => true,
    }
}

#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
