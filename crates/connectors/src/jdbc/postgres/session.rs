//! One writer's session: a flush is one statement, or two in one transaction.
//!
//! A flush that fails leaves nothing behind, unless the connection broke before the answer to the commit: then nobody
//! knows. With a key that does not matter; without one its rows may be there twice after it is tried again, as with
//! Flink.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use flitz_dataflow::{Error, Result};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::super::changes::Changes;
use super::super::sink::{Columns, Failed, Session};
use super::connect::{ConnectError, cancel, connect};
use super::encode::{ArrayParameter, encode};
use super::failure::{Site, ends_session};
use super::target::{Command, Target};
use super::url::Server;

pub struct PostgresSession {
    runtime: Runtime,
    stop: Arc<Notify>,
    work: Work,
}

struct Work {
    server: Server,
    target: Arc<Target>,
    columns: Columns,
    /// None: not connected, or no longer.
    link: Option<Link>,
}

struct Link {
    client: Client,
    insert: Statement,
    delete: Option<Statement>,
}

impl PostgresSession {
    pub fn new(server: Server, target: Arc<Target>, columns: Columns, stop: Arc<Notify>) -> Result<PostgresSession> {
        Ok(PostgresSession { runtime: super::runtime()?, stop, work: Work { server, target, columns, link: None } })
    }
}

impl Session for PostgresSession {
    fn flush(&mut self, changes: &Changes) -> Result<u64, Failed> {
        let (work, stop) = (&mut self.work, &self.stop);
        self.runtime.block_on(async {
            let flushed = tokio::select! {
                flushed = work.flush(changes) => Some(flushed),
                () = stop.notified() => None,
            };
            if let Some(flushed) = flushed {
                return flushed;
            }
            work.hang_up().await;
            Err(Failed { error: Error::unavailable("the job has ended"), again: false })
        })
    }
}

impl Work {
    async fn flush(&mut self, changes: &Changes) -> Result<u64, Failed> {
        if changes.is_empty() {
            return Ok(0);
        }
        let site = self.target.site.clone();
        let written = match self.server.answer_timeout {
            None => self.attempt(changes).await?,
            Some(limit) => match tokio::time::timeout(limit, self.attempt(changes)).await {
                Ok(attempted) => attempted?,
                Err(_) => {
                    self.hang_up().await;
                    return Err(site.unreachable(&format!("no answer within {} s", limit.as_secs())));
                }
            },
        };
        let error = match written {
            Ok(bytes) => return Ok(bytes),
            Err(WriteError::Client(error)) => error,
            Err(WriteError::Ours(error)) => return Err(internal(error)),
        };
        let Some(link) = &self.link else { return Err(site.failed(&error)) };
        // Keys that differ here may be equal there (`citext`, rounded time stamps): then one after the other, as Flink.
        if error.code() == Some(&SqlState::CARDINALITY_VIOLATION) {
            return self.one_by_one(link, changes).await;
        }
        let mut failed = site.failed(&error);
        if ends_session(&error) {
            self.link = None;
        } else if !failed.again
            && let Some(row) = self.culprit(link, changes).await
        {
            failed.error.message.push_str(&format!("; {row}"));
        }
        Err(failed)
    }

    /// Connects if need be, and writes.
    async fn attempt(&mut self, changes: &Changes) -> Result<Result<u64, WriteError>, Failed> {
        self.connect().await?;
        let Some(link) = &self.link else { return Err(internal(Error::internal("not connected"))) };
        Ok(self.write(link, &changes.upserts, &changes.deletes).await)
    }

    /// Whatever the server is at must not come to its end behind our back.
    async fn hang_up(&mut self) {
        if let Some(link) = self.link.take() {
            cancel(&self.server, &link.client).await;
        }
    }

    async fn connect(&mut self) -> Result<(), Failed> {
        if self.link.as_ref().is_some_and(|link| !link.client.is_closed()) {
            return Ok(());
        }
        self.link = None;
        let site = &self.target.site;
        let client = connect(&self.server).await.map_err(|e| site.no_session(e))?;
        let prepared = async |command: &Command| client.prepare_typed(&command.sql, &command.types).await;
        let insert = prepared(&self.target.insert).await.map_err(|e| site.failed(&e))?;
        let delete = match &self.target.delete {
            Some(command) => Some(prepared(command).await.map_err(|e| site.failed(&e))?),
            None => None,
        };
        self.link = Some(Link { client, insert, delete });
        Ok(())
    }

    /// Upserts, then deletes, as Flink; all of it or nothing.
    async fn write(&self, link: &Link, upserts: &RecordBatch, deletes: &RecordBatch) -> Result<u64, WriteError> {
        let insert = Bound::new(&self.target.insert, &link.insert, upserts)?;
        let delete = match (&self.target.delete, &link.delete) {
            (Some(command), Some(statement)) => Bound::new(command, statement, deletes)?,
            _ => None,
        };
        let bytes = [&insert, &delete].into_iter().flatten().map(Bound::bytes).sum();
        match (insert, delete) {
            (Some(one), None) | (None, Some(one)) => drop(one.run(&link.client).await?),
            (None, None) => {}
            (Some(insert), Some(delete)) => {
                // Sent together. After an error the server skips the rest, and COMMIT ends it without effect.
                let (begun, inserted, deleted, committed) = tokio::join!(
                    biased;
                    link.client.batch_execute("BEGIN"),
                    insert.run(&link.client),
                    delete.run(&link.client),
                    link.client.batch_execute("COMMIT"),
                );
                begun?;
                inserted?;
                deleted?;
                committed?;
            }
        }
        Ok(bytes)
    }

    async fn one_by_one(&self, link: &Link, changes: &Changes) -> Result<u64, Failed> {
        let site = &self.target.site;
        let none = changes.upserts.slice(0, 0);
        let mut bytes = 0;
        for row in 0..changes.upserts.num_rows() {
            bytes += self.write(link, &changes.upserts.slice(row, 1), &none).await.map_err(|e| e.failed(site))?;
        }
        bytes += self.write(link, &none, &changes.deletes).await.map_err(|e| e.failed(site))?;
        Ok(bytes)
    }

    /// The row with which PostgreSQL begins to refuse the flush, by halving; in transactions that are rolled back.
    async fn culprit(&self, link: &Link, changes: &Changes) -> Option<String> {
        let rows = &changes.upserts;
        let (mut accepted, mut refused) = (0, rows.num_rows());
        if refused == 0 || !self.is_refused(link, rows).await? {
            return None;
        }
        while refused - accepted > 1 {
            let half = accepted + (refused - accepted) / 2;
            match self.is_refused(link, &rows.slice(0, half)).await? {
                true => refused = half,
                false => accepted = half,
            }
        }
        Some(self.describe(&rows.slice(refused - 1, 1)))
    }

    /// None: the connection is gone.
    async fn is_refused(&self, link: &Link, rows: &RecordBatch) -> Option<bool> {
        link.client.batch_execute("BEGIN").await.ok()?;
        let insert = Bound::new(&self.target.insert, &link.insert, rows).ok()??;
        let refused = insert.run(&link.client).await.is_err();
        link.client.batch_execute("ROLLBACK").await.ok()?;
        Some(refused)
    }

    /// `the row with id = 1`: by the key, or by all columns.
    fn describe(&self, row: &RecordBatch) -> String {
        const LONGEST: usize = 200;
        let all: Vec<usize> = (0..self.columns.columns.len()).collect();
        let keys = if self.columns.keys.is_empty() { &all } else { &self.columns.keys };
        let options = FormatOptions::default().with_null("NULL");
        let value = |i: &usize| {
            let text = ArrayFormatter::try_new(row.column(*i), &options).map(|f| f.value(0).to_string());
            format!("{} = {}", self.columns.columns[*i].name, text.unwrap_or_default())
        };
        let text = keys.iter().map(value).collect::<Vec<_>>().join(", ");
        let visible = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
        let text: String = text.chars().map(visible).collect();
        match text.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("the row with {}…", &text[..at]),
            None => format!("the row with {text}"),
        }
    }
}

/// A statement and its rows.
struct Bound<'a> {
    statement: &'a Statement,
    values: Vec<ArrayParameter>,
}

impl<'a> Bound<'a> {
    /// None: there are no rows.
    fn new(command: &Command, statement: &'a Statement, rows: &RecordBatch) -> Result<Option<Bound<'a>>> {
        if rows.num_rows() == 0 {
            return Ok(None);
        }
        let values = command.parameters.iter().map(|(i, element)| encode(rows.column(*i), element));
        Ok(Some(Bound { statement, values: values.collect::<Result<_>>()? }))
    }

    fn bytes(&self) -> u64 {
        self.values.iter().map(|value| value.len() as u64).sum()
    }

    async fn run(&self, client: &Client) -> Result<u64, tokio_postgres::Error> {
        let values: Vec<&(dyn ToSql + Sync)> = self.values.iter().map(|value| value as _).collect();
        client.execute(self.statement, &values).await
    }
}

enum WriteError {
    Client(tokio_postgres::Error),
    Ours(Error),
}

impl WriteError {
    fn failed(self, site: &Site) -> Failed {
        match self {
            WriteError::Client(error) => site.failed(&error),
            WriteError::Ours(error) => internal(error),
        }
    }
}

impl From<tokio_postgres::Error> for WriteError {
    fn from(error: tokio_postgres::Error) -> WriteError {
        WriteError::Client(error)
    }
}

impl From<Error> for WriteError {
    fn from(error: Error) -> WriteError {
        WriteError::Ours(error)
    }
}

impl Site {
    pub fn no_session(&self, error: ConnectError) -> Failed {
        match error {
            ConnectError::Client(error) => self.failed(&error),
            ConnectError::Other(text) => self.unreachable(&text),
        }
    }
}

fn internal(error: Error) -> Failed {
    Failed { error, again: false }
}
