//! The `flitz` program: flags, terminal, wiring. What it runs is in the other crates.

mod app;
mod cli;
mod consume;
mod generate;
mod input;
mod progress;
mod results;
mod run;
mod shutdown;
mod text;

use std::process::ExitCode;

use cli::Command;

/// Many small short-lived allocations on several threads: what the system's allocator is worst at.
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
    let outcome = match input::parse_command_line().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => run::check(&args),
        Command::Explain(args) => run::explain(&args),
        Command::Render(args) => run::render(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Consume(args) => consume::run(&args),
        Command::App(args) => app::run(&args),
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
