//! Tables of a PostgreSQL server.

mod connect;
mod encode;
mod failure;
mod session;
mod target;
pub mod url;

use std::sync::Arc;

use flitz_dataflow::{Error, Result};
use tokio::sync::Notify;

use super::sink::{Columns, Database, Session};
use super::table::JdbcTable;
use failure::Site;
use session::PostgresSession;
use target::Target;
use url::Server;

pub struct Postgres {
    server: Server,
    target: Arc<Target>,
    columns: Columns,
}

impl Postgres {
    /// Looks at the table there: what is wrong with it is found before the first row.
    pub fn open(server: Server, table: &JdbcTable, columns: Columns) -> Result<Postgres> {
        let site = Site { server: server.label.clone(), table: table.name.clone() };
        let look = || {
            let runtime = runtime()?;
            runtime.block_on(async {
                let client = connect::connect(&server).await.map_err(|e| site.no_session(e).error)?;
                // Somebody may keep the table locked.
                let found = Target::find(&client, &server, site.clone(), &columns);
                let limit = server.login_timeout;
                tokio::time::timeout(limit, found).await.unwrap_or_else(|_| {
                    Err(site.unreachable(&format!("no answer about the table within {} s", limit.as_secs())).error)
                })
            })
        };
        // On a thread of its own: the caller may be a task of another runtime.
        let looked = std::thread::scope(|scope| scope.spawn(look).join());
        let target = looked.map_err(|_| Error::internal("looking at a table of PostgreSQL panicked"))??;
        Ok(Postgres { server, target: Arc::new(target), columns })
    }
}

impl Database for Postgres {
    fn session(&self, stop: Arc<Notify>) -> Result<Box<dyn Session>> {
        Ok(Box::new(PostgresSession::new(self.server.clone(), self.target.clone(), self.columns.clone(), stop)?))
    }

    fn columns(&self) -> &Columns {
        &self.columns
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("cannot start a runtime: {e}")))
}
