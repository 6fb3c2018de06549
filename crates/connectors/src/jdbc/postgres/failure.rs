//! What PostgreSQL's errors mean to the user, and whether trying again is of use.

use std::error::Error as _;

use flitz_dataflow::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::super::sink::Failed;

/// Where it happened.
#[derive(Clone, Debug)]
pub struct Site {
    /// `host:port/database`
    pub server: String,
    /// `table-name`
    pub table: String,
}

impl Site {
    /// `error` never holds the password: neither the server nor the client repeats it.
    pub fn failed(&self, error: &tokio_postgres::Error) -> Failed {
        match error.as_db_error() {
            Some(refusal) => self.refused(refusal),
            None if error.to_string().contains("password missing") => {
                let text = format!("PostgreSQL at {} asks for a password", self.server);
                Failed { error: Error::invalid(text).hint("add 'username' and 'password' to WITH"), again: false }
            }
            None => self.unreachable(&reason(error)),
        }
    }

    pub fn unreachable(&self, why: &str) -> Failed {
        let text = format!("no connection to PostgreSQL at {} for table '{}': {why}", self.server, self.table);
        let error = Error::unavailable(text).hint("is the server running, and 'url' right?");
        Failed { error, again: true }
    }

    fn refused(&self, refusal: &DbError) -> Failed {
        let Site { server, table } = self;
        let code = refusal.code();
        let said = said(refusal);
        let final_error = |error: Error| Failed { error, again: false };
        let place = format!("PostgreSQL at {server}, table '{table}'");
        if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            let error = Error::invalid(format!("PostgreSQL at {server} refused the login: {said}"));
            return final_error(error.option("password").hint("check 'username' and 'password'"));
        }
        if *code == SqlState::INVALID_CATALOG_NAME {
            return final_error(Error::invalid(format!("PostgreSQL at {server}: {said}")).option("url"));
        }
        if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::INVALID_SCHEMA_NAME {
            return final_error(self.missing());
        }
        if *code == SqlState::INVALID_COLUMN_REFERENCE {
            let error = Error::invalid(format!("{place} has no PRIMARY KEY or UNIQUE constraint on the key: {said}"));
            return final_error(error.hint("the PRIMARY KEY of the DDL must be a key of the table there, too"));
        }
        if *code == SqlState::DATATYPE_MISMATCH {
            let error = Error::invalid(format!("{place}: {said}"));
            return final_error(error.hint("CAST in the query, or add '?stringtype=unspecified' to 'url' for strings"));
        }
        if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            return final_error(Error::invalid(format!("{place} may not be written: {said}")).option("username"));
        }
        match &code.code()[..2] {
            // Bad data and broken constraints.
            "22" | "23" => final_error(Error::data(format!("{place}: {said}"))),
            "42" | "0A" | "44" => final_error(Error::invalid(format!("{place}: {said}"))),
            // Lost connections, deadlocks, shut-downs, full disks, a standby that is about to take over.
            _ => Failed { error: Error::unavailable(format!("{place}: {said}")), again: true },
        }
    }

    pub fn missing(&self) -> Error {
        Error::invalid(format!("there is no table '{}' in PostgreSQL at {}", self.table, self.server))
            .option("table-name")
            .hint("create it there: Flink makes none either")
    }
}

/// After these the session is of no more use.
pub fn ends_session(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => true,
        Some(code) => matches!(&code.code()[..2], "08" | "57" | "25"),
    }
}

fn said(refusal: &DbError) -> String {
    match refusal.detail() {
        Some(detail) => format!("{} ({})", refusal.message(), detail.trim_end_matches('.')),
        None => refusal.message().to_owned(),
    }
}

/// The error and what lies behind it.
fn reason(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}").replace(&format!("{source}: {source}"), &source.to_string()),
        None => error.to_string(),
    }
}
