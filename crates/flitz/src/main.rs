//! The `flitz` program: flags, terminal, wiring. What it runs is in the other crates.

mod app;
mod check;
mod cli;
mod consume;
mod echo;
mod executor;
mod generate;
mod input;
mod jobs;
mod materialized;
mod memory;
mod progress;
mod restart;
mod results;
mod run;
mod script;
mod shell;
mod shutdown;
mod tableau;
mod text;

use std::process::ExitCode;

use cli::Command;

/// Many small short-lived allocations on several threads: what the system's allocator is worst at. On Linux C code has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A closed pipe (`flitz … | head`) ends the program quietly, as it does every other tool.
    restore_sigpipe();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("FLITZ_LOG").unwrap_or_else(|_| "warn".into()))
        .with_target(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    let command_line = input::parse_command_line();
    let outcome = match command_line.command {
        None => shell::run(&command_line.shell),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Explain(args)) => run::explain(&args),
        Some(Command::Render(args)) => run::render(&args),
        Some(Command::Generate(args)) => generate::run(&args),
        Some(Command::Consume(args)) => consume::run(&args),
        Some(Command::App(args)) => app::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn restore_sigpipe() {
    #[cfg(unix)]
    // SAFETY: called before any other thread exists; SIG_DFL is a valid disposition.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}
