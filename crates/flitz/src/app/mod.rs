//! `flitz app`: the applications that come with the program, their SQL inside it.

mod order_analytics;
mod view;

use flitz_dataflow::options::Options;
use flitz_dataflow::suggest::nearest;
use flitz_dataflow::{Error, Result};

use crate::cli::{AppArgs, AppCommand};
use crate::script::Failure;

/// Where the topics of the applications are when no variable says otherwise.
pub const DEFAULT_SERVERS: &str = "embedded:./data/flitz.db";

/// One application: its files as they stand in `apps/NAME/`.
pub struct App {
    pub name: &'static str,
    pub about: &'static str,
    pub tables: &'static str,
    pub pipeline: &'static str,
    pub pipeline_approximate: &'static str,
}

const APPS: &[App] = &[App {
    name: "order-analytics",
    about: "orders of a shop, per minute, from Kafka to Kafka",
    tables: include_str!("../../../../apps/order-analytics/tables.sql"),
    pipeline: include_str!("../../../../apps/order-analytics/pipeline.sql"),
    pipeline_approximate: include_str!("../../../../apps/order-analytics/pipeline-approximate.sql"),
}];

pub fn run(args: &AppArgs) -> Result<(), Failure> {
    match &args.command {
        AppCommand::List => {
            for app in APPS {
                crate::results::print_line(&format!("{:<20} {}", app.name, app.about))?;
            }
            Ok(())
        }
        AppCommand::Run(args) => view::run(find(&args.app)?, args),
        AppCommand::Verify(args) => order_analytics::verify(find(&args.app)?, args),
    }
}

fn find(name: &str) -> Result<&'static App> {
    APPS.iter().find(|app| app.name == name).ok_or_else(|| unknown(name))
}

pub fn unknown(name: &str) -> Error {
    let names: Vec<&str> = APPS.iter().map(|app| app.name).collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("there are {}", names.join(", ")),
    };
    Error::invalid(format!("there is no application '{name}'")).hint(hint)
}

/// Kafka client properties from the variables that all applications share.
pub fn client_properties() -> Options {
    let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let mut properties = vec![];
    if let Some(protocol) = variable("KAFKA_SECURITY_PROTOCOL") {
        properties.push(("security.protocol".to_owned(), protocol));
    }
    if let Some(location) = variable("KAFKA_SSL_TRUSTSTORE_LOCATION") {
        let kind = variable("KAFKA_SSL_TRUSTSTORE_TYPE").unwrap_or_else(|| "PEM".to_owned());
        properties.push(("ssl.truststore.type".to_owned(), kind));
        properties.push(("ssl.truststore.location".to_owned(), location));
    }
    if let Some(user) = variable("KAFKA_SASL_USERNAME") {
        let password = variable("KAFKA_SASL_PASSWORD").unwrap_or_default();
        let module = "org.apache.kafka.common.security.scram.ScramLoginModule";
        let mechanism = variable("KAFKA_SASL_MECHANISM").unwrap_or_else(|| "PLAIN".to_owned());
        properties.push(("sasl.mechanism".to_owned(), mechanism));
        let jaas = format!("{module} required username=\"{user}\" password=\"{password}\";");
        properties.push(("sasl.jaas.config".to_owned(), jaas));
    }
    properties.into_iter().collect()
}
