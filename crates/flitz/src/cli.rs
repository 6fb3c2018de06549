//! Every flag, once.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::input::Place;

/// Flink SQL in one small program: reads events from Kafka and files, keeps tables right, exactly once.
#[derive(Parser)]
#[command(name = "flitz", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub shell: ShellArgs,
}

/// Without a command: a shell on a terminal, else the statements of standard input.
#[derive(Args, Clone, Debug, Default)]
pub struct ShellArgs {
    #[command(flatten)]
    pub script: TextArgs,
    /// Run this file and leave, as `flitz run FILE` does
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// Run this file first
    #[arg(short = 'i', long = "init", value_name = "FILE")]
    pub init: Vec<PathBuf>,
    #[command(flatten)]
    pub job: JobArgs,
    /// How rows of a SELECT are printed
    #[arg(long, value_enum)]
    pub output: Option<OutputFormat>,
    /// No progress on standard error
    #[arg(long, short)]
    pub quiet: bool,
    /// Where files and texts stood on the command line.
    #[arg(skip)]
    pub places: Vec<Place>,
}

impl ShellArgs {
    /// Files of `-i`, then those of `-f` and texts of `-e`; without these standard input.
    pub fn as_script(&self) -> ScriptArgs {
        let first = self.init.len();
        let mut places: Vec<Place> = (0..first).map(Place::File).collect();
        places.extend(self.places.iter().map(|place| match place {
            Place::File(i) => Place::File(first + i),
            Place::Execute(i) => Place::Execute(*i),
        }));
        let mut files = [self.init.clone(), self.file.clone()].concat();
        if self.places.is_empty() {
            places.push(Place::File(files.len()));
            files.push(PathBuf::from("-"));
        }
        ScriptArgs { files, text: self.script.clone(), nameless: first, places }
    }
}

/// SQL given on the command line itself.
#[derive(Args, Clone, Debug, Default)]
pub struct TextArgs {
    /// SQL text, run at its place among the files
    #[arg(short = 'e', long = "execute", value_name = "SQL")]
    pub execute: Vec<String>,
    /// Value of ${NAME} in the SQL; wins over the environment
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the statements of SQL files; jobs run until they end or Ctrl-C
    Run(RunArgs),
    /// Parse and plan without touching any system, and report every error of every file
    Check(CheckArgs),
    /// Print the plan of every INSERT and SELECT
    Explain(ScriptArgs),
    /// Print SQL files with their variables resolved, for Flink's sql-client
    ///
    /// Every ${VAR} and ${VAR:-default} in the values of options is replaced; options that come to nothing are left
    /// out. Passwords given by variables appear in the output: that is what it is for, so keep it private.
    Render(ScriptArgs),
    /// Send events of one of the applications to its topics
    Generate(GenerateArgs),
    /// Print the records of a topic
    Consume(ConsumeArgs),
    /// The applications that come with Flitz
    App(AppArgs),
}

#[derive(Args, Clone, Debug, Default)]
pub struct ScriptArgs {
    /// SQL files, run in this order as one script
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub text: TextArgs,
    /// So many of the first files give no job its name.
    #[arg(skip)]
    pub nameless: usize,
    /// Where files and texts stood on the command line.
    #[arg(skip)]
    pub places: Vec<Place>,
}

#[derive(Args, Clone, Debug, Default)]
pub struct CheckArgs {
    #[command(flatten)]
    pub script: ScriptArgs,
    /// One JSON object: errors, warnings, and what Apache Flink would need
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug, Default)]
pub struct RunArgs {
    #[command(flatten)]
    pub script: ScriptArgs,
    #[command(flatten)]
    pub job: JobArgs,
    /// How rows of a SELECT are printed; default: a table for a terminal, tab-separated lines for a pipe
    #[arg(long, value_enum)]
    pub output: Option<OutputFormat>,
    /// No progress on standard error
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Args, Clone, Debug, Default)]
pub struct JobArgs {
    /// Start over: forget earlier checkpoints of these jobs
    #[arg(long)]
    pub fresh: bool,
    /// Resume from this checkpoint instead of the newest
    #[arg(long, value_name = "N", conflicts_with = "fresh")]
    pub from_checkpoint: Option<u64>,
    /// Take over the checkpoints of the job of this name
    #[arg(long, value_name = "NAME", conflicts_with = "fresh")]
    pub resume_from: Option<String>,
    /// Serve Prometheus metrics on this address, as in 127.0.0.1:9249
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<std::net::SocketAddr>,
    /// Memory for state and buffers, as in 2g; state beyond half of it goes to disk. Default: 60 % of the machine or
    /// cgroup
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Columns aligned in a table that grows
    Table,
    /// Tab-separated values; updating queries begin each line with +I -U +U -D
    Lines,
    /// One JSON object per row; updating queries say what happens to it in the field `op`
    Json,
    /// Comma-separated values with a header; updating queries have a first column `op`
    Csv,
}

#[derive(Args, Clone, Debug)]
pub struct GenerateArgs {
    /// The application whose events to make
    #[arg(value_name = "APP")]
    pub app: String,
    /// Events per second; 0: as fast as it goes
    #[arg(long, default_value_t = 1000)]
    pub rate: u64,
    /// Pause between two events, as in 500ms; replaces --rate
    #[arg(long, value_name = "DURATION", conflicts_with = "rate")]
    pub delay: Option<String>,
    /// Stop after this many events
    #[arg(long)]
    pub count: Option<u64>,
    /// Stop after this time, as in 10min
    #[arg(long, value_name = "DURATION")]
    pub duration: Option<String>,
    /// The same seed makes the same events
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Event time begins here (ISO-8601) and advances by --step per event, whatever the clock says
    #[arg(long, value_name = "TIME")]
    pub simulated: Option<String>,
    /// Event time between two events under --simulated
    #[arg(long, default_value = "10ms", value_name = "DURATION")]
    pub step: String,
    /// Kafka servers or embedded:PATH.db
    #[arg(long, env = "KAFKA_BOOTSTRAP_SERVERS", default_value = crate::app::DEFAULT_SERVERS)]
    pub bootstrap_servers: String,
    /// No progress on standard error
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Args, Clone, Debug)]
pub struct ConsumeArgs {
    /// Topic to read
    pub topic: String,
    /// Stop after this many records
    #[arg(long)]
    pub max_messages: Option<u64>,
    /// Begin with new records instead of the oldest
    #[arg(long)]
    pub latest: bool,
    /// Stop at the present end of the topic
    #[arg(long)]
    pub until_end: bool,
    /// Print partition, offset, time and key before the value
    #[arg(long)]
    pub details: bool,
    /// Kafka servers or embedded:PATH.db
    #[arg(long, env = "KAFKA_BOOTSTRAP_SERVERS", default_value = crate::app::DEFAULT_SERVERS)]
    pub bootstrap_servers: String,
}

#[derive(Args, Clone, Debug)]
pub struct AppArgs {
    #[command(subcommand)]
    pub command: AppCommand,
}

#[derive(Subcommand, Clone, Debug)]
pub enum AppCommand {
    /// What there is
    List,
    /// Generate events, run the pipeline and show its results
    Run(AppRunArgs),
    /// Run over a fixed set of events and compare every result with figures computed apart
    Verify(AppVerifyArgs),
}

#[derive(Args, Clone, Debug)]
pub struct AppRunArgs {
    /// Name of the application
    pub app: String,
    /// The variant of the pipeline with an approximate distinct count
    #[arg(long)]
    pub approximate: bool,
    /// Events per second
    #[arg(long, default_value_t = 20_000)]
    pub rate: u64,
    /// Stop after this time, as in 30s; default: run until Ctrl-C
    #[arg(long, value_name = "DURATION")]
    pub duration: Option<String>,
    #[command(flatten)]
    pub job: JobArgs,
}

#[derive(Args, Clone, Debug)]
pub struct AppVerifyArgs {
    /// Name of the application
    pub app: String,
    /// Events to verify with
    #[arg(long, default_value_t = 200_000)]
    pub count: u64,
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// The variant of the pipeline with an approximate distinct count: within 3 %
    #[arg(long)]
    pub approximate: bool,
}
