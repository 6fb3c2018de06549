//! A broker that wants TLS and a login.

use expect_test::expect;

use crate::example;
use crate::harness::{Place, Program};
use crate::services::{self, SecuredKafka};

fn variables(program: Program, kafka: &SecuredKafka, mechanism: &str, password: &str) -> Program {
    program
        .env("KAFKA_BOOTSTRAP_SERVERS", &kafka.secured())
        .env("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
        .env("KAFKA_SASL_MECHANISM", mechanism)
        .env("KAFKA_SASL_USERNAME", "flitz")
        .env("KAFKA_SASL_PASSWORD", password)
        .env("KAFKA_SSL_TRUSTSTORE_LOCATION", &kafka.authority())
}

/// One test, because the broker takes longer to start than all of it.
#[test]
fn logins_and_certificates() {
    let Some(kafka) = SecuredKafka::start() else { return };
    for topic in ["orders", "analytics-results"] {
        services::create_topic(&kafka.plain(), topic, 3);
    }
    let place = Place::new();
    let apps = concat!(env!("CARGO_MANIFEST_DIR"), "/../../apps/order-analytics");
    let (tables, pipeline) = (format!("{apps}/tables.sql"), format!("{apps}/pipeline.sql"));
    let run = || place.flitz(["run", &tables, &pipeline]);
    let tidy =
        |said: String| said.replace(&kafka.secured(), "SERVERS").replace(&kafka.plain(), "PLAIN").replace(apps, "APP");

    let said = tidy(variables(run(), &kafka, "PLAIN", "not-the-password").run().failed(2));
    expect![[r#"
        error: Kafka at SERVERS refused the login: SASL authentication error: Authentication failed: Invalid username or password
          --> APP/tables.sql:51:3
           |
        51 |   'properties.sasl.jaas.config' = '${KAFKA_SASL_LOGIN_MODULE:-org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule} required username="${KAFKA_SASL_USERNAME:-}" password="${KAFKA_SASL_PASSWORD:-}";',
           |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = check user name, password and 'properties.sasl.mechanism'
    "#]]
    .assert_eq(&said);
    assert!(!said.contains("not-the-password"));

    let untrusted = variables(run(), &kafka, "SCRAM-SHA-512", "flitz-secret").env("KAFKA_SSL_TRUSTSTORE_LOCATION", "");
    let said = tidy(untrusted.run().failed(2));
    assert!(said.starts_with("error: the certificate of Kafka at SERVERS is not trusted: "), "{said}");
    assert!(said.contains("'properties.ssl.truststore.location'"), "{said}");

    let no_login = variables(run(), &kafka, "PLAIN", "flitz-secret")
        .env("KAFKA_BOOTSTRAP_SERVERS", &kafka.plain())
        .env("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT");
    let said = tidy(no_login.run().failed(2));
    assert!(said.starts_with("error: Kafka at PLAIN takes no login at this port: it is no SASL listener"), "{said}");

    // The program's own generator, consumer and pipeline, by variables alone.
    let verify = place.flitz(["app", "verify", "order-analytics", "--count", "20000"]);
    let ended = variables(verify, &kafka, "PLAIN", "flitz-secret").run().succeeded();
    assert!(ended.stdout.contains("every one once and right"), "{}", ended.stdout);

    // The worked example over the other mechanism, in topics of its own.
    let names = [services::unique("orders"), services::unique("results")];
    names.iter().for_each(|name| services::create_topic(&kafka.plain(), name, 3));
    let scram = |program| variables(program, &kafka, "SCRAM-SHA-512", "flitz-secret");
    example::check(&Place::new(), &kafka.plain(), [&names[0], &names[1]], scram);
}

#[test]
fn a_file_is_rendered_for_flink() {
    let place = Place::new();
    place.write(
        "tables.sql",
        "SET 'execution.checkpointing.dir' = '${CHECKPOINT_DIR:-}';\n\
         CREATE TABLE t (a INT) WITH (\n  'connector' = 'kafka',\n  'properties.bootstrap.servers' = '${SERVERS:-k:9092}',\n  \
         'properties.ssl.truststore.location' = '${CA:-}',\n  'topic' = '${TOPIC}'\n);\n",
    );
    let rendered = place.flitz(["render", "--set", "TOPIC=o'orders", "tables.sql", "-e", "SELECT * FROM t"]).run();
    expect![[r#"
        -- 'execution.checkpointing.dir' is left out: its variable is empty
        CREATE TABLE t (a INT) WITH (
          'connector' = 'kafka',
          'properties.bootstrap.servers' = 'k:9092',
          'topic' = 'o''orders'
        );
        SELECT * FROM t;
    "#]]
    .assert_eq(&rendered.succeeded().stdout);
    expect![[r#"
        error: the variable TOPIC is not set
         --> tables.sql:6:13
          |
        6 |   'topic' = '${TOPIC}'
          |             ^^^^^^^^^^
          = set it in the environment, or write ${TOPIC:-default}
    "#]]
    .assert_eq(&place.flitz(["render", "tables.sql"]).run().failed(2));
}
