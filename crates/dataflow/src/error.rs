use std::fmt;

use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What happened, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// A sentence without a full stop, beginning in lower case.
    pub message: String,
    pub place: Option<Place>,
    /// What to do: "did you mean `user_id`?"
    pub hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The SQL or an option is wrong: fix it. Exit code 2.
    Invalid,
    /// Flink accepts it, Flitz can't do it. Printed as `not supported: …`. Exit code 2.
    Unsupported,
    /// A record can't be read or computed with.
    Data,
    /// A system is away, slow or refuses us: retry or look at it.
    Unavailable,
    /// A newer attempt of the job has taken over: stop, never restart by oneself.
    Fenced,
    /// Our bug.
    Internal,
}

/// Where it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Sql(Span),
    /// The table option (or SET key) of this name; the SQL layer turns it into a span.
    Option(String),
    /// The option of a table that is known by its full name.
    TableOption {
        table: String,
        key: String,
    },
    Record {
        topic: String,
        partition: i32,
        offset: i64,
    },
    File {
        path: String,
        line: u64,
    },
    /// A table or operator, by name.
    Operator(String),
}

/// Bytes `start..end` of SQL text number `file` of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    pub file: u32,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), place: None, hint: None }
    }

    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Invalid, message)
    }

    /// `message` names the thing: "MATCH_RECOGNIZE"; `not supported: ` is put before it when printed.
    pub fn unsupported(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Unsupported, message)
    }

    pub fn data(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Data, message)
    }

    pub fn unavailable(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Unavailable, message)
    }

    pub fn fenced(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Fenced, message)
    }

    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Internal, message)
    }

    pub fn at(mut self, span: Span) -> Error {
        self.place = Some(Place::Sql(span));
        self
    }

    /// Sets the place unless a more exact one is known.
    pub fn or_at(mut self, span: Span) -> Error {
        self.place.get_or_insert(Place::Sql(span));
        self
    }

    pub fn place(mut self, place: Place) -> Error {
        self.place = Some(place);
        self
    }

    pub fn option(self, key: impl Into<String>) -> Error {
        self.place(Place::Option(key.into()))
    }

    /// The same error, known to be about this table.
    pub fn in_table(mut self, table: &str) -> Error {
        self.place = match self.place {
            None => Some(Place::Operator(table.to_owned())),
            Some(Place::Option(key)) => Some(Place::TableOption { table: table.to_owned(), key }),
            exact => exact,
        };
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// 2 for what the user wrote, 1 for what happened while running.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            ErrorKind::Invalid | ErrorKind::Unsupported => 2,
            _ => 1,
        }
    }
}

/// One line, without the SQL excerpt (the binary prints that, it has the text).
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::Unsupported => f.write_str("not supported: ")?,
            ErrorKind::Internal => f.write_str("internal error: ")?,
            _ => {}
        }
        f.write_str(&self.message)?;
        match &self.place {
            Some(Place::Record { topic, partition, offset }) => {
                write!(f, " (topic {topic}, partition {partition}, offset {offset})")?;
            }
            Some(Place::File { path, line }) => write!(f, " ({path}:{line})")?,
            Some(Place::Operator(name)) => write!(f, " (in {name})")?,
            Some(Place::Option(key)) => write!(f, " (option '{key}')")?,
            Some(Place::TableOption { table, key }) => write!(f, " (option '{key}' of {table})")?,
            Some(Place::Sql(_)) | None => {}
        }
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Arrow kernels fail on our mistakes, except for arithmetic, which the caller maps to `Data` itself.
impl From<arrow::error::ArrowError> for Error {
    fn from(e: arrow::error::ArrowError) -> Error {
        Error::internal(e.to_string())
    }
}
