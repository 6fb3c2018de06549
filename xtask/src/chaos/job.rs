//! One job under attack.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// One job, started again and again by the same command.
pub struct Job {
    name: &'static str,
    flitz: PathBuf,
    files: Vec<PathBuf>,
    state: PathBuf,
    log: PathBuf,
    variables: Vec<(String, String)>,
    child: Option<Child>,
    starts: u32,
}

impl Job {
    /// Not yet started.
    pub fn new(
        name: &'static str,
        flitz: &Path,
        files: Vec<PathBuf>,
        home: &Path,
        variables: Vec<(String, String)>,
    ) -> Job {
        Job {
            name,
            flitz: flitz.to_owned(),
            files,
            state: home.join("state"),
            log: home.join(format!("{name}.log")),
            variables,
            child: None,
            starts: 0,
        }
    }

    fn spawn(&self, failpoint: Option<&str>) -> Result<Child> {
        let log = std::fs::File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.flitz);
        command.arg("run").args(&self.files).env("XDG_STATE_HOME", &self.state);
        command.envs(self.variables.iter().map(|(k, v)| (k, v)));
        if let Some(failpoint) = failpoint {
            command.env("FLITZ_FAILPOINT", failpoint);
        }
        Ok(command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?)
    }

    pub fn start(&mut self, failpoint: Option<&str>) -> Result<()> {
        self.child = Some(self.spawn(failpoint)?);
        self.starts += 1;
        Ok(())
    }

    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            if let Some(status) = child.try_wait()? {
                bail!("{} had ended by itself with {status}:\n{}", self.name, self.log_tail());
            }
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Waits until the process has killed itself at its failpoint.
    pub fn await_end(&mut self, patience: Duration) -> Result<()> {
        use std::os::unix::process::ExitStatusExt;
        let deadline = Instant::now() + patience;
        let mut child = self.child.take().context("not started")?;
        loop {
            match child.try_wait()? {
                Some(status) if status.signal() == Some(libc::SIGKILL) => return Ok(()),
                Some(status) => bail!("{} ended with {status}, not by its failpoint:\n{}", self.name, self.log_tail()),
                None if Instant::now() > deadline => {
                    child.kill()?;
                    child.wait()?;
                    bail!("{} never came to its failpoint:\n{}", self.name, self.log_tail());
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Starts the job again if it has ended (after an outage it may).
    pub fn revive(&mut self) -> Result<()> {
        let ended = match &mut self.child {
            Some(child) => child.try_wait()?.is_some(),
            None => true,
        };
        if ended {
            println!("{} had ended and is started again:\n{}", self.name, self.log_tail());
            self.start(None)?;
        }
        Ok(())
    }

    /// `kill -STOP`, a second process, `kill -CONT`: one of the two ends and the other goes on.
    pub fn zombie(&mut self) -> Result<()> {
        let mut first = self.child.take().context("not started")?;
        signal(&first, libc::SIGSTOP)?;
        let mut second = self.spawn(None)?;
        thread::sleep(Duration::from_secs(5));
        signal(&first, libc::SIGCONT)?;
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            if let Some(status) = second.try_wait()? {
                if status.code() != Some(1) {
                    bail!("the second {} ended with {status}:\n{}", self.name, self.log_tail());
                }
                self.child = Some(first);
                return Ok(());
            }
            if first.try_wait()?.is_some() {
                self.child = Some(second);
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("two processes of {} go on side by side:\n{}", self.name, self.log_tail());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn stop(&mut self) -> Result<()> {
        let mut child = self.child.take().context("not started")?;
        signal(&child, libc::SIGTERM)?;
        let status = child.wait()?;
        if !status.success() {
            bail!("{} ended with {status} on SIGTERM:\n{}", self.name, self.log_tail());
        }
        println!("{}: {} starts, stopped cleanly", self.name, self.starts);
        Ok(())
    }

    pub fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn signal(child: &Child, signal: libc::c_int) -> Result<()> {
    // SAFETY: the child has not been waited for, so the pid is its own.
    if unsafe { libc::kill(child.id() as libc::pid_t, signal) } != 0 {
        return Err(std::io::Error::last_os_error()).context("kill");
    }
    Ok(())
}
