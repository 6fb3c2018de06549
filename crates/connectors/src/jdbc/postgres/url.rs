//! `jdbc:postgresql://host:port/database?property=value&…`, as PostgreSQL's JDBC driver reads it.

use std::path::PathBuf;
use std::time::Duration;

use flitz_dataflow::suggest::nearest;
use flitz_dataflow::{Error, Result};
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

const PREFIX: &str = "jdbc:postgresql:";
/// Databases that Flink's connector has a dialect for.
const OTHERS: [&str; 8] = ["mysql", "oracle", "sqlserver", "db2", "derby", "crate", "trino", "oceanbase"];
/// Properties of the driver that mean the same here.
const PROPERTIES: [&str; 14] = [
    "user",
    "password",
    "ssl",
    "sslmode",
    "sslrootcert",
    "connectTimeout",
    "loginTimeout",
    "socketTimeout",
    "tcpKeepAlive",
    "ApplicationName",
    "currentSchema",
    "stringtype",
    "targetServerType",
    "reWriteBatchedInserts",
];

/// Where a database is and how to reach it. Its `Debug` shows no password.
#[derive(Clone, Debug)]
pub struct Server {
    pub config: Config,
    pub trust: Trust,
    /// `sslrootcert`; None: `~/.postgresql/root.crt`, else the authorities that the machine trusts.
    pub authorities: Option<PathBuf>,
    /// From the first packet to the answer to the login.
    pub login_timeout: Duration,
    /// `socketTimeout`: for one flush; None: as long as it takes.
    pub answer_timeout: Option<Duration>,
    /// `currentSchema`
    pub search_path: Option<String>,
    /// `stringtype=unspecified`: strings go into columns of any type, which reads them.
    pub untyped_strings: bool,
    /// `host:port/database`, for messages.
    pub label: String,
}

/// What a server's certificate is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing: `prefer`, `require`.
    Any,
    /// `verify-ca`
    Authority,
    /// `verify-full`
    AuthorityAndName,
}

impl Server {
    /// `login`: of the options `username` and `password`, over which the url's properties go.
    pub fn parse(url: &str, login: Option<(&str, &str)>, answer_timeout: Duration) -> Result<Server> {
        let Some(rest) = url.strip_prefix(PREFIX) else { return Err(foreign(url)) };
        let (address, properties) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, database) = match address.strip_prefix("//") {
            Some(address) => address.split_once('/').unwrap_or((address, "")),
            None => ("", address.trim_start_matches('/')),
        };
        let mut config = Config::new();
        let mut label = String::new();
        // libpq's habit, not the driver's: it would take `user` for a host.
        if hosts.contains('@') {
            return Err(Error::invalid("'url' has a user before its host")
                .option("url")
                .hint("give 'username' and 'password' as options of the table"));
        }
        for host in hosts.split(',') {
            let (host, port) = host_and_port(host)?;
            let comma = if label.is_empty() { "" } else { "," };
            label.push_str(&format!("{comma}{host}:{port}"));
            config.host(host.trim_matches(['[', ']'])).port(port);
        }
        config.application_name("flitz").connect_timeout(Duration::from_secs(10)).ssl_mode(SslMode::Prefer);
        if let Some((user, password)) = login {
            config.user(user).password(password);
        }
        let mut server = Server {
            config,
            trust: Trust::Any,
            authorities: None,
            login_timeout: answer_timeout,
            answer_timeout: None,
            search_path: None,
            untyped_strings: false,
            label,
        };
        let properties: Vec<(String, String)> = url::form_urlencoded::parse(properties.as_bytes())
            .into_owned()
            .filter(|(key, _)| !key.is_empty())
            .collect();
        // `ssl=true` stands for a mode only where none is named.
        let (first, rest): (Vec<_>, Vec<_>) = properties.iter().partition(|(key, _)| key == "ssl");
        for (key, value) in first.into_iter().chain(rest) {
            server.property(key, value)?;
        }
        if server.config.get_user().is_none() {
            let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
            let missing =
                || Error::invalid("option 'username' is required").hint("add 'username' and 'password' to WITH");
            server.config.user(user.ok_or_else(missing)?);
        }
        let user = server.config.get_user().unwrap_or_default().to_owned();
        let database = if database.is_empty() { user } else { decode(database) };
        server.label.push_str(&format!("/{database}"));
        server.config.dbname(database);
        Ok(server)
    }

    fn property(&mut self, key: &str, value: &str) -> Result<()> {
        let wrong = |wanted: &str| {
            Error::invalid(format!("property '{key}' of the url must be {wanted}, found '{value}'")).option("url")
        };
        let seconds = || value.parse::<u64>().map(Duration::from_secs).map_err(|_| wrong("a number of seconds"));
        let flag = || match value.to_ascii_lowercase().as_str() {
            "true" | "" => Ok(true),
            "false" => Ok(false),
            _ => Err(wrong("true or false")),
        };
        match key {
            "user" => drop(self.config.user(value)),
            "password" => drop(self.config.password(value)),
            "ssl" if flag()? => self.encrypt(SslMode::Require, Trust::AuthorityAndName),
            "ssl" => {}
            "sslmode" => match value.to_ascii_lowercase().as_str() {
                "disable" => self.encrypt(SslMode::Disable, Trust::Any),
                "prefer" => self.encrypt(SslMode::Prefer, Trust::Any),
                "require" => self.encrypt(SslMode::Require, Trust::Any),
                "verify-ca" => self.encrypt(SslMode::Require, Trust::Authority),
                "verify-full" => self.encrypt(SslMode::Require, Trust::AuthorityAndName),
                "allow" => {
                    return Err(Error::unsupported("'sslmode=allow'").option("url").hint("take 'prefer' or 'require'"));
                }
                _ => return Err(wrong("disable, prefer, require, verify-ca or verify-full")),
            },
            "sslrootcert" => self.authorities = Some(value.into()),
            // 0 is for ever.
            "connectTimeout" => drop(
                self.config.connect_timeout(Some(seconds()?).filter(|s| !s.is_zero()).unwrap_or(self.login_timeout)),
            ),
            "loginTimeout" => {
                self.login_timeout = Some(seconds()?).filter(|s| !s.is_zero()).unwrap_or(self.login_timeout);
            }
            "socketTimeout" => self.answer_timeout = Some(seconds()?).filter(|s| !s.is_zero()),
            "tcpKeepAlive" => drop(self.config.keepalives(flag()?)),
            "ApplicationName" => drop(self.config.application_name(value)),
            "currentSchema" => self.search_path = Some(value.to_owned()),
            "stringtype" => match value.to_ascii_lowercase().as_str() {
                "unspecified" => self.untyped_strings = true,
                "varchar" => self.untyped_strings = false,
                _ => return Err(wrong("unspecified or varchar")),
            },
            "targetServerType" => match value.to_ascii_lowercase().as_str() {
                "any" => drop(self.config.target_session_attrs(TargetSessionAttrs::Any)),
                "primary" | "master" => drop(self.config.target_session_attrs(TargetSessionAttrs::ReadWrite)),
                _ => return Err(Error::unsupported(format!("'targetServerType={value}'")).option("url")),
            },
            // Rows go in batches anyway.
            "reWriteBatchedInserts" => drop(flag()?),
            _ => {
                let error = Error::unsupported(format!("property '{key}' in the url of PostgreSQL")).option("url");
                return Err(match nearest(key, PROPERTIES) {
                    Some(near) => error.hint(format!("did you mean '{near}'?")),
                    None => error.hint(format!("there are {}", PROPERTIES.join(", "))),
                });
            }
        }
        Ok(())
    }

    fn encrypt(&mut self, mode: SslMode, trust: Trust) {
        self.config.ssl_mode(mode);
        self.trust = trust;
    }
}

/// A url may hold a password: no more of it is shown than what it begins with.
fn foreign(url: &str) -> Error {
    let scheme = url.strip_prefix("jdbc:").and_then(|rest| rest.split_once(':')).map(|(scheme, _)| scheme);
    match scheme {
        Some(scheme) if OTHERS.contains(&scheme) => Error::unsupported(format!("connector 'jdbc' with {scheme}"))
            .option("url")
            .hint("there are jdbc:postgresql://host:port/database and embedded:PATH.db"),
        _ => Error::invalid("'url' must begin with jdbc:postgresql: or embedded:")
            .option("url")
            .hint("write 'jdbc:postgresql://localhost:5432/database' or 'embedded:./data/flitz.db'"),
    }
}

fn host_and_port(text: &str) -> Result<(&str, u16)> {
    const DEFAULT_PORT: u16 = 5432;
    let text = text.trim();
    let colon = text.rfind(':').filter(|at| !text[*at..].contains(']'));
    let (host, port) = match colon {
        None => (text, DEFAULT_PORT),
        Some(at) => {
            let port = text[at + 1..].parse();
            (&text[..at], port.map_err(|_| Error::invalid("the port in 'url' is no number").option("url"))?)
        }
    };
    match host {
        "" => Ok(("localhost", port)),
        _ => Ok((host, port)),
    }
}

fn decode(text: &str) -> String {
    let pair = format!("x={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
