//! `security.protocol`, `sasl.mechanism` and `sasl.jaas.config`: who we are to the cluster.

use std::collections::BTreeMap;

use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;

use super::properties::option_of;

/// Everything that can be said without a broker.
pub fn check(properties: &Options) -> Result<()> {
    configure(properties, &mut ClientConfig::new())
}

pub fn configure(properties: &Options, config: &mut ClientConfig) -> Result<()> {
    let protocol = properties.get("security.protocol").unwrap_or("PLAINTEXT").trim().to_ascii_uppercase();
    let sasl = match protocol.as_str() {
        "PLAINTEXT" | "SSL" => false,
        "SASL_PLAINTEXT" | "SASL_SSL" => true,
        other => {
            let text =
                format!("'security.protocol' must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, found '{other}'");
            return Err(Error::invalid(text).option(option_of("security.protocol")));
        }
    };
    config.set("security.protocol", protocol.to_ascii_lowercase());
    if !sasl {
        // Java's client ignores the rest then; so a file can keep its login while it talks to a local broker.
        return Ok(());
    }
    let mechanism = properties.get("sasl.mechanism").unwrap_or("GSSAPI").trim().to_ascii_uppercase();
    let expected = match mechanism.as_str() {
        "PLAIN" => "org.apache.kafka.common.security.plain.PlainLoginModule",
        "SCRAM-SHA-256" | "SCRAM-SHA-512" => "org.apache.kafka.common.security.scram.ScramLoginModule",
        "OAUTHBEARER" => "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
        other => {
            let error = Error::unsupported(format!("SASL mechanism '{other}'")).option(option_of("sasl.mechanism"));
            return Err(error.hint("there are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER"));
        }
    };
    let jaas = properties.get("sasl.jaas.config").ok_or_else(|| {
        Error::invalid(format!("'properties.sasl.jaas.config' is required for SASL mechanism {mechanism}"))
            .option(option_of("sasl.jaas.config"))
            .hint(format!("add 'properties.sasl.jaas.config' = '{expected} required username=\"…\" password=\"…\";'"))
    })?;
    let Jaas { module, options } = parse_jaas(jaas)?;
    // Managed services shade the client, and with it the module's package. Java's module for SCRAM does for PLAIN what
    // PLAIN's own does: so one file with it serves both.
    let class = |module: &str| module.rsplit('.').next().unwrap_or_default().to_owned();
    let fits = class(&module) == class(expected) || (mechanism == "PLAIN" && class(&module) == "ScramLoginModule");
    if !fits {
        let text = format!("the login module '{module}' does not fit SASL mechanism {mechanism}");
        return Err(Error::invalid(text).option(option_of("sasl.jaas.config")).hint(format!("it takes {expected}")));
    }
    config.set("sasl.mechanism", &mechanism);
    if mechanism == "OAUTHBEARER" {
        return unsecured_token(&options, config);
    }
    for (name, native) in [("username", "sasl.username"), ("password", "sasl.password")] {
        let value = options.get(name).ok_or_else(|| {
            Error::invalid(format!("'sasl.jaas.config' has no {name}")).option(option_of("sasl.jaas.config"))
        })?;
        config.set(native, value);
    }
    Ok(())
}

/// The unsecured JSON web tokens that Kafka's own tests use; tokens from a server need an HTTP client.
fn unsecured_token(options: &BTreeMap<String, String>, config: &mut ClientConfig) -> Result<()> {
    let Some(subject) = options.get("unsecuredLoginStringClaim_sub") else {
        return Err(
            Error::unsupported("OAUTHBEARER tokens other than unsecured ones").option(option_of("sasl.jaas.config"))
        );
    };
    config.set("enable.sasl.oauthbearer.unsecure.jwt", "true");
    config.set("sasl.oauthbearer.config", format!("principal={subject}"));
    Ok(())
}

struct Jaas {
    module: String,
    options: BTreeMap<String, String>,
}

/// `module flag key="value" key=value … ;`, quotes double or single, `\` escapes. Values never get into messages.
fn parse_jaas(text: &str) -> Result<Jaas> {
    let wrong = |what: &str| {
        Error::invalid(format!("'sasl.jaas.config' can't be read: {what}"))
            .option(option_of("sasl.jaas.config"))
            .hint("its form is: MODULE required username=\"…\" password=\"…\";")
    };
    let mut words = Vec::new();
    let mut chars = text.trim().chars().peekable();
    let mut word = String::new();
    let mut ended = false;
    while let Some(c) = chars.next() {
        match c {
            ';' => {
                ended = true;
                break;
            }
            '"' | '\'' => loop {
                match chars.next() {
                    Some(q) if q == c => break,
                    Some('\\') => word.extend(chars.next()),
                    Some(other) => word.push(other),
                    None => return Err(wrong("a quote is not closed")),
                }
            },
            c if c.is_whitespace() => {
                // `key = "value"` is one word.
                let glue = word.ends_with('=') || chars.clone().find(|c| !c.is_whitespace()) == Some('=');
                if !word.is_empty() && (!glue || words.len() < 2) {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    if !ended {
        return Err(wrong("it does not end with ';'"));
    }
    if chars.any(|c| !c.is_whitespace()) {
        return Err(Error::unsupported("more than one login module").option(option_of("sasl.jaas.config")));
    }
    let mut words = words.into_iter();
    let module = words.next().ok_or_else(|| wrong("there is no login module"))?;
    let flag = words.next().unwrap_or_default();
    if !["required", "requisite", "sufficient", "optional"].contains(&flag.to_ascii_lowercase().as_str()) {
        return Err(wrong("'required' is missing behind the login module"));
    }
    let options = words
        .map(|word| match word.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => Err(wrong("an option has no value")),
        })
        .collect::<Result<_>>()?;
    Ok(Jaas { module, options })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(protocol: &str, mechanism: &str, jaas: &str) -> String {
        let pairs = [("security.protocol", protocol), ("sasl.mechanism", mechanism), ("sasl.jaas.config", jaas)];
        let options: Options = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut config = ClientConfig::new();
        match configure(&options, &mut config) {
            Ok(()) => {
                ["sasl.mechanism", "sasl.username", "sasl.password"].map(|k| config.get(k).unwrap_or("-")).join(" ")
            }
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn logins_are_read_as_java_reads_them() {
        const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
        let text = [
            configured("SASL_SSL", "PLAIN", &format!("{PLAIN} required username=\"u\" password=\"p w;\\\"=\";")),
            configured("sasl_ssl", "PLAIN", &format!("{PLAIN}   required\n username='u' password = 'p' ;")),
            configured("SASL_SSL", "SCRAM-SHA-512", &format!("{PLAIN} required username=\"u\" password=\"secret\";")),
            configured("SASL_SSL", "PLAIN", "a.b.ScramLoginModule required username=\"u\" password=\"p\";"),
            configured("SASL_SSL", "PLAIN", &format!("{PLAIN} required username=\"u\" password=\"secret\"")),
            configured("SASL_SSL", "PLAIN", &format!("{PLAIN} required username=\"u\";")),
            configured("SASL_SSL", "GSSAPI", "x required;"),
            configured("PLAINTEXT", "PLAIN", "whatever"),
            configured("TLS", "PLAIN", "whatever"),
        ]
        .join("\n");
        expect_test::expect![[r#"
            PLAIN u p w;"=
            PLAIN u p
            the login module 'org.apache.kafka.common.security.plain.PlainLoginModule' does not fit SASL mechanism SCRAM-SHA-512 (option 'properties.sasl.jaas.config'); it takes org.apache.kafka.common.security.scram.ScramLoginModule
            PLAIN u p
            'sasl.jaas.config' can't be read: it does not end with ';' (option 'properties.sasl.jaas.config'); its form is: MODULE required username="…" password="…";
            'sasl.jaas.config' has no password (option 'properties.sasl.jaas.config')
            not supported: SASL mechanism 'GSSAPI' (option 'properties.sasl.mechanism'); there are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER
            - - -
            'security.protocol' must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, found 'TLS' (option 'properties.security.protocol')"#]]
        .assert_eq(&text);
    }
}
