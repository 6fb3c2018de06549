//! Child processes and what they cost.

use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a finished process took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: Duration,
    /// User and system time of the process and the children it waited for.
    pub cpu: Duration,
    pub peak_rss_bytes: u64,
}

/// Runs to the end and fails if the command does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Runs to the end and returns the standard output; standard error is passed through.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(std::process::Stdio::inherit()).output().with_context(|| format!("{command:?}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{command:?} ended with {}: {text}", output.status);
    }
    Ok(text)
}

/// Runs to the end and measures.
pub fn measure(command: &mut Command) -> Result<(ExitStatus, Cost)> {
    let start = Instant::now();
    let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    wait_measured(child, start)
}

fn wait_measured(child: Child, start: Instant) -> Result<(ExitStatus, Cost)> {
    use std::os::unix::process::ExitStatusExt;
    // Not ru_maxrss: a child starts with the high-water mark of the process that forked it.
    let status_file = format!("/proc/{}/status", child.id());
    let sampler = std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = peak_rss_bytes(&status_file) {
            peak = now;
            std::thread::sleep(Duration::from_millis(10));
        }
        peak
    });
    let mut status = 0;
    // SAFETY: rusage is plain data for which all zeroes is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live local variables; the pid is of a child that nobody else waits for.
    let pid = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) };
    if pid < 0 {
        return Err(std::io::Error::last_os_error()).context("wait4");
    }
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    let cost = Cost {
        wall: start.elapsed(),
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak_rss_bytes: sampler.join().unwrap_or(0),
    };
    Ok((ExitStatus::from_raw(status), cost))
}

/// None when the process has ended.
fn peak_rss_bytes(status_file: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_file).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// The release binary of `package`, built now if it is not; `FLITZ_BINARY` names another `flitz` to take.
pub fn release_binary(package: &str) -> Result<std::path::PathBuf> {
    if let (Some(binary), "flitz") = (std::env::var_os("FLITZ_BINARY"), package) {
        return Ok(binary.into());
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(Command::new(&cargo).current_dir(crate::root()).args(["build", "--quiet", "--release", "--package", package]))?;
    let metadata =
        output(Command::new(&cargo).current_dir(crate::root()).args(["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
    Ok(std::path::Path::new(target).join("release").join(package))
}
