//! The script that a command line describes: files and `-e` texts in the order they were given.

use std::collections::BTreeMap;

use clap::{ArgMatches, CommandFactory, FromArgMatches};
use flitz_dataflow::{Error, Result};

use crate::cli::{Cli, Command, ScriptArgs, TextArgs};

/// One text of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file's path, or `-e` with a number.
    pub name: String,
    pub text: String,
}

/// The command line, with where its files and texts stood.
pub fn parse_command_line() -> Cli {
    let matches = Cli::command().get_matches();
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    match (&mut cli.command, matches.subcommand()) {
        (Some(Command::Run(args)), Some((_, matches))) => args.script.places = places(matches, "files"),
        (Some(Command::Check(args)), Some((_, matches))) => args.script.places = places(matches, "files"),
        (Some(Command::Explain(args) | Command::Render(args)), Some((_, matches))) => {
            args.places = places(matches, "files");
        }
        (None, _) => cli.shell.places = places(&matches, "file"),
        _ => {}
    }
    cli
}

/// Number `index` of the files or of the `-e` texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    File(usize),
    Execute(usize),
}

fn places(matches: &ArgMatches, files: &str) -> Vec<Place> {
    let indices = |id: &str| match matches.try_contains_id(id) {
        Ok(true) => matches.indices_of(id).map(Iterator::collect::<Vec<_>>).unwrap_or_default(),
        _ => vec![],
    };
    let files = indices(files).into_iter().enumerate().map(|(i, at)| (at, Place::File(i)));
    let texts = indices("execute").into_iter().enumerate().map(|(i, at)| (at, Place::Execute(i)));
    let mut places: Vec<(usize, Place)> = files.chain(texts).collect();
    places.sort_by_key(|(at, _)| *at);
    places.into_iter().map(|(_, place)| place).collect()
}

/// Reads the files; an unreadable one is an error that names it.
pub fn read(args: &ScriptArgs, places: &[Place]) -> Result<Vec<Piece>> {
    let piece = |place: &Place| match place {
        Place::File(i) => {
            let path = &args.files[*i];
            let text = if path.as_os_str() == "-" {
                std::io::read_to_string(std::io::stdin())
            } else {
                std::fs::read_to_string(path)
            };
            let name = if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() };
            text.map(|text| Piece { name, text })
                .map_err(|e| Error::invalid(format!("cannot read {}: {e}", path.display())))
        }
        Place::Execute(i) => Ok(Piece { name: format!("-e {}", i + 1), text: args.text.execute[*i].clone() }),
    };
    let pieces: Vec<Piece> = places.iter().map(piece).collect::<Result<_>>()?;
    if pieces.is_empty() {
        return Err(Error::invalid("there is nothing to run").hint("name SQL files, or give SQL with -e"));
    }
    Ok(pieces)
}

/// `--set NAME=VALUE` as a map.
pub fn variables(args: &TextArgs) -> Result<BTreeMap<String, String>> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    let wrong = |text: &String| Error::invalid(format!("--set must be NAME=VALUE, found '{text}'"));
    args.variables.iter().map(|text| pair(text).ok_or_else(|| wrong(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_texts_keep_their_order() {
        let matches = Cli::command().get_matches_from(["flitz", "run", "-e", "A", "x.sql", "-e", "B", "y.sql"]);
        let (_, run) = matches.subcommand().unwrap();
        assert_eq!(places(run, "files"), [Place::Execute(0), Place::File(0), Place::Execute(1), Place::File(1)]);
    }
}
