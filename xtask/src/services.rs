//! The real services that tests run against, started by scripts outside the project.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Folder of the scripts `kafka.sh`, `flink.sh`, `s3.sh`: `FLITZ_SERVICES_DIR`, else beside the checkout.
pub fn scripts() -> PathBuf {
    match std::env::var_os("FLITZ_SERVICES_DIR") {
        Some(dir) => dir.into(),
        None => crate::root().join("../shared/services"),
    }
}

pub fn available() -> bool {
    scripts().join("kafka.sh").exists()
}

pub fn script(name: &str) -> Command {
    let mut command = Command::new("bash");
    command.arg(scripts().join(name));
    command
}

/// A running Kafka broker.
#[derive(Clone, Debug)]
pub struct Kafka {
    pub dir: Option<PathBuf>,
    pub port: u16,
}

impl Kafka {
    /// `KAFKA_BOOTSTRAP_SERVERS` names a broker to use; else one is started (a second start is harmless).
    pub fn start() -> Result<String> {
        if let Ok(servers) = std::env::var("KAFKA_BOOTSTRAP_SERVERS") {
            return Ok(servers);
        }
        if !available() {
            bail!("no Kafka: set KAFKA_BOOTSTRAP_SERVERS, or FLITZ_SERVICES_DIR to a folder with kafka.sh");
        }
        let text = process::output(script("kafka.sh").arg("start")).context("starting Kafka")?;
        let line = text.lines().find(|l| l.contains("PLAINTEXT")).context("kafka.sh printed no address")?;
        Ok(line.split_whitespace().nth(1).context("kafka.sh printed no address")?.to_owned())
    }

    /// A broker of its own that a test may stop and start.
    pub fn start_own(dir: PathBuf, port: u16) -> Result<Kafka> {
        let kafka = Kafka { dir: Some(dir), port };
        kafka.up()?;
        Ok(kafka)
    }

    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn up(&self) -> Result<()> {
        self.command("start").map(drop)
    }

    pub fn down(&self) -> Result<()> {
        self.command("stop").map(drop)
    }

    pub fn clean(&self) -> Result<()> {
        self.command("clean").map(drop)
    }

    fn command(&self, verb: &str) -> Result<String> {
        let mut command = script("kafka.sh");
        command.arg(verb);
        if let Some(dir) = &self.dir {
            command.arg("--dir").arg(dir);
        }
        if verb == "start" {
            command.arg("--port").arg(self.port.to_string());
        }
        process::output(&mut command)
    }
}
