//! Ctrl-C and SIGTERM. Running a script, the first asks for a clean stop and the second ends at once. In the shell
//! Ctrl-C ends what runs in the foreground, and SIGTERM the shell.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread;

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static IN_SHELL: AtomicBool = AtomicBool::new(false);
static LISTENING: OnceLock<()> = OnceLock::new();

/// From here on the first signal only makes `requested` true.
pub fn listen() {
    LISTENING.get_or_init(|| {
        let listen = || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                while let Some(signal) = signal().await {
                    if signal == Signal::Interrupt && IN_SHELL.load(Ordering::SeqCst) {
                        INTERRUPTED.store(true, Ordering::SeqCst);
                    } else if REQUESTED.swap(true, Ordering::SeqCst) {
                        break;
                    }
                }
                std::process::exit(130);
            });
        };
        // Without the thread the signals keep their default: the process ends and resumes at its last checkpoint.
        let _ = thread::Builder::new().name("flitz-signals".to_owned()).spawn(listen);
    });
}

/// As `listen`, but Ctrl-C makes `interrupted` true alone, until `begin_statement`.
pub fn listen_in_shell() {
    IN_SHELL.store(true, Ordering::SeqCst);
    listen();
}

/// Whether the program is to end.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Becomes true when the program is to end.
pub fn flag() -> Arc<AtomicBool> {
    REQUESTED.clone()
}

/// Whether what runs in the foreground is to end.
pub fn interrupted() -> bool {
    requested() || INTERRUPTED.load(Ordering::SeqCst)
}

/// Whether Ctrl-C was pressed in the shell since the last question.
pub fn take_interrupt() -> bool {
    INTERRUPTED.swap(false, Ordering::SeqCst)
}

/// Forgets the interrupts of earlier statements.
pub fn begin_statement() {
    INTERRUPTED.store(false, Ordering::SeqCst);
}

/// As a signal does.
pub fn request() {
    REQUESTED.store(true, Ordering::SeqCst);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Interrupt,
    Terminate,
}

/// Waits for one signal; None if the process can't hear any.
#[cfg(unix)]
async fn signal() -> Option<Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.ok().map(|()| Signal::Interrupt),
        _ = terminate.recv() => Some(Signal::Terminate),
    }
}

#[cfg(not(unix))]
async fn signal() -> Option<Signal> {
    tokio::signal::ctrl_c().await.ok().map(|()| Signal::Interrupt)
}
