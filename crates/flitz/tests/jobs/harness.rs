//! A folder to work in, the program in it, and how it ended.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// No program of a test runs longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A working folder, with the state of jobs in it.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        path
    }

    /// `flitz` with these arguments, in this folder and with nothing else of the environment that it looks at.
    pub fn flitz<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flitz"));
        for (name, _) in std::env::vars() {
            if ["KAFKA_", "FLITZ_", "CHECKPOINT_", "AWS_", "GOOGLE_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(self.path()).env("XDG_STATE_HOME", self.path().join("state"));
        command.env("TZ", "UTC").stdin(std::process::Stdio::null());
        Program { command, place: self.path().to_owned() }
    }

    /// Runs a script that is one text.
    pub fn run(&self, sql: &str) -> Ended {
        let file = self.write("script.sql", sql);
        self.flitz(["run", file.to_str().unwrap()]).run()
    }

    /// Where the state of a job without a directory of its own is, which writes to `servers`.
    pub fn state(&self, servers: &str, job: &str) -> PathBuf {
        let folder = servers.strip_prefix("embedded:").map(|file| format!("{file}.state"));
        self.path().join(folder.as_deref().unwrap_or("state/flitz")).join(job)
    }
}

pub struct Program {
    command: Command,
    place: PathBuf,
}

impl Program {
    pub fn env(mut self, name: &str, value: &str) -> Program {
        self.command.env(name, value);
        self
    }

    pub fn envs(mut self, variables: &[(String, String)]) -> Program {
        self.command.envs(variables.iter().cloned());
        self
    }

    pub fn run(self) -> Ended {
        self.start().wait()
    }

    pub fn start(mut self) -> Running {
        let name = |what: &str| self.place.join(format!("{what}-{}", uuid::Uuid::new_v4().simple()));
        let (out, err) = (name("stdout"), name("stderr"));
        let child =
            self.command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap()).spawn().unwrap();
        Running { child, out, err, place: self.place }
    }
}

/// A program at work; killed when dropped.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
    place: PathBuf,
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: the process is our child and not yet waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, signal) }, 0);
    }

    pub fn stdout(&self) -> String {
        std::fs::read_to_string(&self.out).unwrap()
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.err).unwrap()
    }

    pub fn wait(mut self) -> Ended {
        let status = self.until("the program has ended", |running| running.child.try_wait().unwrap());
        self.ended(status)
    }

    /// SIGTERM, and the end.
    pub fn stop(self) -> Ended {
        self.signal(libc::SIGTERM);
        self.wait()
    }

    /// Waits until there is an answer; the program's words are in the panic if it takes too long.
    pub fn until<T>(&mut self, what: &str, mut answer: impl FnMut(&mut Running) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(answer) = answer(self) {
                return answer;
            }
            if begun.elapsed() > PATIENCE {
                panic!("waited in vain until {what}; it said\n{}\n{}", self.stdout(), self.stderr());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn ended(&self, status: ExitStatus) -> Ended {
        // Folders have random names.
        let tidy = |text: String| {
            let real = self.place.canonicalize().unwrap();
            text.replace(real.to_str().unwrap(), "DIR").replace(self.place.to_str().unwrap(), "DIR")
        };
        Ended { code: status.code(), stdout: tidy(self.stdout()), stderr: tidy(self.stderr()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
pub struct Ended {
    /// None: by a signal.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    #[track_caller]
    pub fn succeeded(self) -> Ended {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// It failed with this exit code; what it said.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self.stderr
    }

    #[track_caller]
    pub fn killed(self) -> Ended {
        assert_eq!(self.code, None, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// A table over the topic `name`, bounded if the text says so.
pub fn topic_table(servers: &str, name: &str, columns: &str, more: &str) -> String {
    format!(
        "CREATE TABLE `{name}` ({columns}) WITH ('connector' = 'kafka', 'topic' = '{name}', \
         'properties.bootstrap.servers' = '{servers}', 'scan.startup.mode' = 'earliest-offset', \
         'properties.isolation.level' = 'read_committed'{more});\n"
    )
}

pub const BOUNDED: &str = ", 'scan.bounded.mode' = 'latest-offset'";
pub const JSON: &str = ", 'format' = 'json'";

/// What makes a sink of a topic exactly-once.
pub fn exactly_once(prefix: &str) -> String {
    format!(", 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '{prefix}'")
}

impl Place {
    /// Writes lines to a topic as they stand.
    pub fn send(&self, servers: &str, topic: &str, lines: &[&str]) {
        let rows: Vec<String> = lines.iter().map(|line| format!("('{}')", line.replace('\'', "''"))).collect();
        let table = topic_table(servers, topic, "line STRING", ", 'format' = 'raw'");
        let sql = format!("{table}INSERT INTO `{topic}` VALUES {};", rows.join(", "));
        self.flitz(["run", "--quiet", "-e", &sql]).run().succeeded();
    }

    /// All committed records of a topic, sorted.
    pub fn records(&self, servers: &str, topic: &str) -> Vec<String> {
        let table = topic_table(servers, topic, "line STRING", &format!("{BOUNDED}, 'format' = 'raw'"));
        let sql = format!("{table}SELECT line FROM `{topic}`;");
        let ended = self.flitz(["run", "--quiet", "--output", "lines", "-e", &sql]).run().succeeded();
        let mut lines: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}
