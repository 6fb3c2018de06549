//! A session: what has been declared and set, and what each statement does to it.
//!
//! [`Session::execute`] plans and never runs: a query or INSERT becomes a [`PlannedJob`] for the caller. Nothing here
//! does I/O but the catalogs that keep their definitions in a folder; connectors are asked only what a table can do.

mod alter;
mod check;
mod create_as;
mod definitions;
mod explain;
mod functions;
mod other;
mod partitions;
mod settings;
mod show;
mod stored;

pub use settings::{canonical_key, is_secret, setting_keys};

use std::rc::Rc;

use flitz_dataflow::connector::ConnectorRegistry;
use flitz_dataflow::{Error, Place, Result, Span};
use flitz_plan::{Config, NodeKind, StreamPlan};

use crate::ast::{ClientCommand, Describe, Insert, Query, Show, Statement, StatementKind, StringLiteral};
use crate::catalog::Catalogs;
use crate::lower::{Output, lower};
use crate::resolver::alter::place_within;
use crate::resolver::insert::resolve_insert;
use crate::resolver::{Context, Resolver};
use crate::syntax_tree::syntax_tree;

/// Values for `${VAR}` in option values.
#[derive(Clone)]
pub struct Variables(Rc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String>;

impl Variables {
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'static) -> Variables {
        Variables(Rc::new(lookup))
    }

    /// Values of the process's environment.
    pub fn environment() -> Variables {
        Variables::new(|name| std::env::var(name).ok())
    }

    /// The value of an option; None if it came to nothing, see [`crate::variables`].
    pub(crate) fn resolve(&self, text: &StringLiteral) -> Result<Option<String>> {
        crate::variables::option_value(&text.value, text.span, &*self.0)
    }
}

/// Catalogs, settings and connectors of one user.
pub struct Session {
    catalogs: Catalogs,
    config: Config,
    connectors: ConnectorRegistry,
    variables: Variables,
    /// Where each setting was made, for errors about it.
    settings: std::collections::BTreeMap<String, Span>,
    /// The inserts since BEGIN STATEMENT SET.
    statement_set: Option<Vec<Insert>>,
    /// Whether catalogs of type `flitz` write what they are told to their folders.
    keeps_definitions: bool,
    /// Whether jobs are planned to be shown.
    explains: bool,
}

/// What a statement comes to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Done, with nothing to show but `OK`.
    Done,
    /// Rows to show.
    Table(ResultTable),
    /// Something to run.
    Job(Box<PlannedJob>),
    /// Something to ask whoever runs the jobs.
    Jobs(JobCommand),
    /// Something that the client does.
    Client(ClientCommand),
}

/// A statement about the jobs of a session, of which the session itself knows nothing.
#[derive(Clone, Debug)]
pub enum JobCommand {
    /// `SHOW JOBS`
    Show,
    /// `DESCRIBE JOB 'id'`
    Describe(StringLiteral),
    /// `STOP JOB 'id'`
    Stop(StringLiteral),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultTable {
    pub columns: Vec<String>,
    /// None is NULL.
    pub rows: Vec<Vec<Option<String>>>,
}

impl ResultTable {
    fn new(columns: &[&str]) -> ResultTable {
        ResultTable { columns: columns.iter().map(|c| (*c).to_owned()).collect(), rows: vec![] }
    }

    fn text(column: &str, text: String) -> ResultTable {
        ResultTable { columns: vec![column.to_owned()], rows: vec![vec![Some(text)]] }
    }
}

/// A query or INSERT, or several of a statement set, ready to run.
#[derive(Clone, Debug)]
pub struct PlannedJob {
    /// `pipeline.name`, if set.
    pub name: Option<String>,
    pub plan: StreamPlan,
    /// As it was when the job was planned.
    pub config: Config,
    /// Its rows go to the caller, not to tables.
    pub is_query: bool,
    /// Names of the tables it writes, without catalog and database.
    pub sinks: Vec<String>,
    /// Which of several jobs of one script that write the same tables it is, from 1.
    pub number: usize,
    /// What the statement says, if it is to be explained.
    pub(crate) syntax_tree: Option<String>,
}

impl PlannedJob {
    /// What the job is called and its state is kept under: `pipeline.name`, else `default` (the name of the SQL file),
    /// followed by `/SINK` if it is one of several jobs of that name.
    pub fn identity(&self, default: &str, several: bool) -> String {
        let name = self.name.as_deref().unwrap_or(default);
        let name = match (several, self.sinks.as_slice()) {
            (true, [_, ..]) => format!("{name}/{}", self.sinks.join("+")),
            _ => name.to_owned(),
        };
        match self.number {
            0 | 1 => name,
            number => format!("{name}.{number}"),
        }
    }

    /// Makes it the `number`-th job of a script that writes the same tables: with a name and transactions of its own, so
    /// that none is taken for another when the script is run again.
    pub fn set_number(&mut self, number: usize) {
        const PREFIX: &str = "sink.transactional-id-prefix";
        self.number = number;
        for node in self.plan.nodes.iter_mut().filter(|_| number > 1) {
            if let NodeKind::Sink(sink) = &mut node.kind
                && let Some(prefix) = sink.table.options.get_mut(PREFIX)
            {
                *prefix = format!("{prefix}-{number}");
            }
        }
    }
}

impl Session {
    pub fn new(connectors: ConnectorRegistry, variables: Variables) -> Session {
        Session {
            catalogs: Catalogs::default(),
            config: Config::default(),
            connectors,
            variables,
            settings: Default::default(),
            statement_set: None,
            keeps_definitions: true,
            explains: false,
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn catalogs(&self) -> &Catalogs {
        &self.catalogs
    }

    pub fn connectors(&self) -> &ConnectorRegistry {
        &self.connectors
    }

    /// Whether BEGIN STATEMENT SET waits for its END.
    pub fn in_statement_set(&self) -> bool {
        self.statement_set.is_some()
    }

    /// Does what the statement says, or plans what it asks for. An error leaves the session as it was.
    pub fn execute(&mut self, statement: &Statement) -> Result<Outcome> {
        let outcome = self.up_to_date(statement);
        outcome.map_err(|e| place_within(self.locate(e), statement.span).or_at(statement.span))
    }

    /// With what other processes have done to the catalogs; nobody else changes them while this statement does.
    fn up_to_date(&mut self, statement: &Statement) -> Result<Outcome> {
        let _locks = if defines(&statement.kind) { self.lock_catalogs()? } else { vec![] };
        self.refresh_catalogs()?;
        self.dispatch(statement)
    }

    fn dispatch(&mut self, statement: &Statement) -> Result<Outcome> {
        if self.statement_set.is_some()
            && !matches!(statement.kind, StatementKind::Insert(_) | StatementKind::EndStatementSet)
        {
            return Err(Error::invalid("only INSERT may stand in a statement set").hint("close it with END;"));
        }
        match &statement.kind {
            StatementKind::Query(query) => Ok(Outcome::Job(Box::new(self.plan_query(query)?))),
            StatementKind::Insert(insert) => match &mut self.statement_set {
                Some(set) => {
                    set.push(insert.clone());
                    Ok(Outcome::Done)
                }
                None => Ok(Outcome::Job(Box::new(self.plan_inserts(std::slice::from_ref(insert))?))),
            },
            StatementKind::StatementSet(inserts) => Ok(Outcome::Job(Box::new(self.plan_inserts(inserts)?))),
            StatementKind::BeginStatementSet => {
                self.statement_set = Some(vec![]);
                Ok(Outcome::Done)
            }
            StatementKind::EndStatementSet => match self.statement_set.take() {
                Some(inserts) => Ok(Outcome::Job(Box::new(self.plan_inserts(&inserts)?))),
                None => Err(Error::invalid("END without BEGIN STATEMENT SET")),
            },
            StatementKind::Explain(explain) => self.explain(&explain.details, &explain.statement),
            StatementKind::Set(pair) => self.set(pair),
            StatementKind::SetList => Ok(self.list_settings()),
            StatementKind::Reset(key) => self.reset(key.as_ref()),
            StatementKind::Client(command) => Ok(Outcome::Client(*command)),
            StatementKind::Show(Show::Jobs) => Ok(Outcome::Jobs(JobCommand::Show)),
            StatementKind::Describe(Describe::Job(id)) => Ok(Outcome::Jobs(JobCommand::Describe(id.clone()))),
            StatementKind::StopJob { id, savepoint, drain } => {
                if *savepoint || *drain {
                    return Err(Error::unsupported("STOP JOB … WITH SAVEPOINT").hint(
                        "STOP JOB takes a last checkpoint by itself; a job with a 'pipeline.name' goes on from it",
                    ));
                }
                Ok(Outcome::Jobs(JobCommand::Stop(id.clone())))
            }
            StatementKind::Show(show) => self.show(show),
            StatementKind::Describe(describe) => self.describe(describe),
            _ => self.define(statement),
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            catalogs: &self.catalogs,
            config: &self.config,
            connectors: &self.connectors,
            variables: &self.variables,
        }
    }

    fn plan_query(&self, query: &Query) -> Result<PlannedJob> {
        let rel = Resolver::new(self.context()).query(query)?;
        self.job(vec![Output { rel, target: None }], true, vec![])
    }

    fn plan_inserts(&self, inserts: &[Insert]) -> Result<PlannedJob> {
        if inserts.is_empty() {
            return Err(Error::invalid("the statement set holds no INSERT"));
        }
        let context = self.context();
        let outputs = inserts.iter().map(|i| resolve_insert(context, i)).collect::<Result<Vec<_>>>()?;
        let sinks = inserts.iter().map(|i| i.table.object().value.clone()).collect();
        self.job(outputs, false, sinks)
    }

    fn job(&self, outputs: Vec<Output>, is_query: bool, mut sinks: Vec<String>) -> Result<PlannedJob> {
        sinks.dedup();
        let name = self.config.get("pipeline.name").map(str::to_owned);
        let syntax_tree = self.explains.then(|| syntax_tree(&outputs));
        let plan = lower(self.context(), outputs)?;
        Ok(PlannedJob { name, plan, config: self.config.clone(), is_query, sinks, number: 1, syntax_tree })
    }

    /// A copy whose definitions stay in it.
    fn without_directories(&self) -> Session {
        let mut catalogs = self.catalogs.clone();
        for catalog in catalogs.catalogs.values_mut() {
            catalog.directory = None;
        }
        Session {
            catalogs,
            config: self.config.clone(),
            connectors: self.connectors.clone(),
            variables: self.variables.clone(),
            settings: self.settings.clone(),
            statement_set: None,
            keeps_definitions: false,
            explains: false,
        }
    }

    /// An error about a setting points at its SET, one about a table's option at the DDL.
    pub fn locate(&self, error: Error) -> Error {
        let span = match &error.place {
            Some(Place::TableOption { table, key }) => {
                let Some(table) = self.catalogs.table(table) else { return error };
                let option = Error { place: Some(Place::Option(key.clone())), ..error };
                return table.locate(option);
            }
            Some(Place::Option(key)) => self.settings.get(key).copied(),
            _ => None,
        };
        match span {
            Some(span) => error.at(span),
            None => error,
        }
    }
}

/// Whether the statement may change a catalog.
fn defines(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::CreateTable(_)
            | StatementKind::CreateView(_)
            | StatementKind::CreateDatabase(_)
            | StatementKind::CreateFunction(_)
            | StatementKind::AlterFunction(_)
            | StatementKind::AlterTable(_)
            | StatementKind::AlterView { .. }
            | StatementKind::AlterDatabase { .. }
            | StatementKind::Drop(_)
    )
}
