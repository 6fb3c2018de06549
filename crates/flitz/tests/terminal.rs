//! The shell on a terminal of its own: typed into, looked at.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Terminal {
    keyboard: File,
    /// All that was drawn, escape sequences left out.
    screen: Arc<Mutex<String>>,
    child: Child,
    /// How much of the screen was looked at.
    seen: usize,
}

impl Terminal {
    fn open(folder: &Path) -> Terminal {
        let (mut ours, mut theirs) = (0, 0);
        let mut size = libc::winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: all pointers are to live variables or null, which openpty allows.
        let opened =
            unsafe { libc::openpty(&mut ours, &mut theirs, std::ptr::null_mut(), std::ptr::null_mut(), &raw mut size) };
        assert_eq!(opened, 0);
        // SAFETY: openpty has just made both, and nobody else owns them.
        let (ours, theirs) = unsafe { (File::from_raw_fd(ours), File::from_raw_fd(theirs)) };
        let mut command = Command::new(env!("CARGO_BIN_EXE_flitz"));
        command.current_dir(folder).env("XDG_STATE_HOME", folder.join("state")).env("TERM", "xterm-256color");
        for set in [Command::stdin, Command::stdout, Command::stderr] {
            set(&mut command, Stdio::from(theirs.try_clone().unwrap()));
        }
        let terminal = theirs.as_raw_fd();
        // SAFETY: setsid and ioctl may be called between fork and exec.
        unsafe {
            command.pre_exec(move || {
                libc::setsid();
                libc::ioctl(terminal, libc::TIOCSCTTY as _, 0);
                Ok(())
            });
        }
        let child = command.spawn().unwrap();
        drop(theirs);
        let screen = Arc::new(Mutex::new(String::new()));
        let keyboard = ours.try_clone().unwrap();
        let (drawn, answers) = (screen.clone(), ours.try_clone().unwrap());
        std::thread::spawn(move || watch(ours, answers, &drawn));
        Terminal { keyboard, screen, child, seen: 0 }
    }

    fn key(&mut self, bytes: &str) {
        self.keyboard.write_all(bytes.as_bytes()).unwrap();
    }

    fn line(&mut self, text: &str) {
        self.key(text);
        // The editor draws what was typed before it takes the end of the line.
        std::thread::sleep(Duration::from_millis(200));
        self.key("\r");
    }

    /// Waits until the text is drawn, behind what was waited for before.
    fn expect(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap().clone();
            if let Some(at) = screen[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            assert!(start.elapsed() < PATIENCE, "no {text:?} in {:?}", &screen[self.seen..]);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Collects what is drawn, and answers as a terminal does that is asked where its cursor is.
fn watch(mut from: File, mut answers: File, screen: &Mutex<String>) {
    let mut bytes = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..n]).into_owned();
        if text.contains("\x1b[6n") && answers.write_all(b"\x1b[1;1R").is_err() {
            return;
        }
        screen.lock().unwrap().push_str(&without_escapes(&text));
    }
}

fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\x1b' if characters.next_if_eq(&'[').is_some() => {
                while characters.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
            }
            '\x1b' => {}
            _ => plain.push(c),
        }
    }
    plain
}

#[test]
fn a_session() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Terminal::open(folder.path());
    shell.expect("Ctrl-D leaves");
    shell.line("SELECT 'one' AS word;");
    shell.expect("| word |");
    shell.expect("1 row (");

    // An error ends nothing.
    shell.line("SELECT word FROM nowhere;");
    shell.expect("there is no table or view `nowhere`");

    shell.line("CREATE TABLE s (k INT, p STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '1000', 'fields.k.max' = '3', 'fields.k.min' = '1');");
    shell.expect("OK");
    // Three keys, drawn again and again; Ctrl-C ends the query alone.
    shell.line("SELECT k, COUNT(*) AS n FROM s GROUP BY k;");
    shell.expect("3 rows");
    shell.expect("q ends");
    shell.key("\x03");
    shell.expect("3 rows");
    shell.expect("flitz>");

    shell.line("CREATE TABLE b (k INT) WITH ('connector' = 'blackhole');");
    shell.expect("OK");
    shell.line("INSERT INTO b SELECT k FROM s;");
    shell.expect("in the background");
    shell.line("SHOW JOBS;");
    shell.expect("RUNNING");

    shell.line("CREATE TABLE c (a INT) WITH ('connector' = 'print', 'x.password' = 'hunter2');");
    shell.expect("OK");
    // Ctrl-D
    shell.key("\x04");
    shell.expect("stopping 1 job");
    assert!(shell.child.wait().unwrap().success());

    let history = std::fs::read_to_string(folder.path().join("state/flitz/.shell-history")).unwrap();
    assert!(history.contains("'x.password' = '${X_PASSWORD}'"), "{history}");
    assert!(!history.contains("hunter2"));
}
