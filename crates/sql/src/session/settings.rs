//! SET and RESET: which settings are read, which make no difference here, and which would change results in a way
//! that we do not have, so that none is ignored in silence.

use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result, suggest};

use super::{Outcome, ResultTable, Session};
use crate::ast::{OptionPair, StringLiteral};

impl Session {
    pub(super) fn set(&mut self, pair: &OptionPair) -> Result<Outcome> {
        let key = canonical_key(&pair.key.value);
        let Some(value) = self.variables.resolve(&pair.value)? else { return Ok(Outcome::Done) };
        let span = pair.key.span.to(pair.value.span);
        check(key, &value).map_err(|e| e.at(span))?;
        self.config.set(key, value);
        self.settings.insert(key.to_owned(), span);
        Ok(Outcome::Done)
    }

    pub(super) fn reset(&mut self, key: Option<&StringLiteral>) -> Result<Outcome> {
        match key {
            Some(key) => {
                let key = canonical_key(&key.value);
                self.config.reset(key);
                self.settings.remove(key);
            }
            None => {
                self.config.clear();
                self.settings.clear();
            }
        }
        Ok(Outcome::Done)
    }

    /// Keys that were set and do nothing here.
    pub fn idle_settings(&self) -> Vec<String> {
        self.config.iter().map(|(key, _)| key).filter(|key| is_idle(key)).map(str::to_owned).collect()
    }

    pub(super) fn list_settings(&self) -> Outcome {
        let mut table = ResultTable::new(&["key", "value"]);
        table.rows = self
            .config
            .iter()
            .map(|(key, value)| vec![Some(key.to_owned()), Some(shown(key, value).to_owned())])
            .collect();
        Outcome::Table(table)
    }
}

/// Whether nobody should read the value of this option: it is a password or the like.
pub fn is_secret(key: &str, value: &str) -> bool {
    const WORDS: [&str; 9] = [
        "password",
        "passphrase",
        "secret",
        "token",
        "jaas",
        "sasl.username",
        "access-key",
        "credential",
        "private-key",
    ];
    let key = key.to_lowercase();
    // scheme://user:password@host
    let in_address = value.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next());
    // …?user=u&password=p
    let in_query = value.split_once('?').is_some_and(|(_, query)| {
        query
            .split('&')
            .any(|pair| pair.split_once('=').is_some_and(|(name, _)| name.to_lowercase().contains("password")))
    });
    WORDS.iter().any(|word| key.contains(word))
        || in_query
        || in_address.and_then(|host| host.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
}

/// The value as it may be shown.
pub(super) fn shown<'a>(key: &str, value: &'a str) -> &'a str {
    if is_secret(key, value) { "******" } else { value }
}

/// Names of the settings that are known, for completion.
pub fn setting_keys() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(key, _)| *key).filter(|key| !key.ends_with('*'))
}

/// The present name of a setting that Flink has renamed.
pub fn canonical_key(key: &str) -> &str {
    match key {
        "parallelism" => "parallelism.default",
        "table.exec.resource.default-parallelism" => "parallelism.default",
        "state.checkpoints.dir" => "execution.checkpointing.dir",
        "state.checkpoint-storage" => "execution.checkpointing.storage",
        "state.savepoints.dir" => "execution.checkpointing.savepoint-dir",
        "state.checkpoints.num-retained" => "execution.checkpointing.num-retained",
        "state.backend" => "state.backend.type",
        "state.backend.incremental" => "execution.checkpointing.incremental",
        "execution.savepoint.path" => "execution.state-recovery.path",
        "execution.savepoint.ignore-unclaimed-state" => "execution.state-recovery.ignore-unclaimed-state",
        "execution.savepoint-restore-mode" => "execution.state-recovery.claim-mode",
        "execution.checkpointing.unaligned" => "execution.checkpointing.unaligned.enabled",
        "restart-strategy" => "restart-strategy.type",
        other => other,
    }
}

/// The place is that of the SET.
fn without_place(error: Error) -> Error {
    Error { place: None, ..error }
}

/// Settings that are read: a value that can't be is an error at once, not when a job starts.
const DURATIONS: &[&str] = &[
    "execution.checkpointing.interval",
    "execution.checkpointing.min-pause",
    "execution.checkpointing.timeout",
    "pipeline.auto-watermark-interval",
    "table.exec.source.idle-timeout",
    "table.exec.state.ttl",
];
const COUNTS: &[&str] =
    &["execution.checkpointing.num-retained", "execution.checkpointing.tolerable-failed-checkpoints"];

/// What a setting does here.
enum Effect {
    /// Read.
    Read,
    /// How Flink goes about its work; results are the same with and without it, and here it does nothing. Whoever
    /// sets it is told so.
    Free,
    /// Only these values (in any case); others exist in Flink and are refused.
    Only(&'static [&'static str]),
    /// These values (in any case) are all there are.
    OneOf(&'static [&'static str]),
}

fn effect(key: &str) -> Option<&'static Effect> {
    let listed = |(known, _): &&(&str, Effect)| match known.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => *known == key,
    };
    KNOWN.iter().find(listed).map(|(_, effect)| effect)
}

/// Settings of Flink's jobs, clients and clusters that do nothing here: those listed as such, and all that belong to
/// its processes. Access to object stores is read with the folder of checkpoints.
fn is_idle(key: &str) -> bool {
    match effect(key) {
        Some(effect) => matches!(effect, Free),
        None => !key.starts_with("s3."),
    }
}

fn check(key: &str, value: &str) -> Result<()> {
    let alone: Options = [(key.to_owned(), value.to_owned())].into_iter().collect();
    if DURATIONS.contains(&key) {
        return alone.duration(key).map(drop).map_err(without_place);
    }
    if COUNTS.contains(&key) {
        return match alone.integer(key).map_err(without_place)? {
            Some(n) if n < 0 => Err(Error::invalid(format!("'{key}' must be 0 or more, found '{n}'"))),
            _ => Ok(()),
        };
    }
    if key == "execution.state-recovery.path" && !value.is_empty() {
        return Err(Error::unsupported("starting from a savepoint or checkpoint of Flink").hint(
            "a job goes on at its own last checkpoint by itself; `--from-checkpoint N` picks another, `--resume-from NAME` \
             takes over those of a job of another name",
        ));
    }
    let is_among = |accepted: &[&str]| accepted.iter().any(|a| a.eq_ignore_ascii_case(value));
    if let Some((_, OneOf(accepted))) = KNOWN.iter().find(|(known, _)| *known == key) {
        return match is_among(accepted) {
            true => Ok(()),
            false => Err(Error::invalid(format!("'{key}' must be one of {}, found '{value}'", accepted.join(", ")))),
        };
    }
    if let Some((_, Effect::Only(accepted))) = KNOWN.iter().find(|(known, _)| *known == key) {
        return match is_among(accepted) {
            true => Ok(()),
            false => {
                Err(Error::unsupported(format!("'{key}' = '{value}'")).hint(format!("'{}' is what we do", accepted[0])))
            }
        };
    }
    // Flink keeps unknown keys in silence; within its own name spaces that can only be a slip of the pen.
    let ours = ["table.", "execution.", "pipeline.", "parallelism.", "restart-strategy", "sql-client."];
    if effect(key).is_some() || !ours.iter().any(|prefix| key.starts_with(prefix)) {
        return Ok(());
    }
    let error = Error::invalid(format!("there is no setting '{key}'"));
    Err(match suggest::nearest(key, KNOWN.iter().map(|(known, _)| *known)) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error,
    })
}

use Effect::{Free, OneOf, Only, Read};

/// Keys of Flink 2.3; `*` at the end stands for any rest.
const KNOWN: &[(&str, Effect)] = &[
    ("execution.runtime-mode", Only(&["streaming", "batch"])),
    ("parallelism.default", Read),
    ("pipeline.name", Read),
    ("pipeline.max-parallelism", Free),
    ("pipeline.object-reuse", Free),
    ("pipeline.operator-chaining.*", Free),
    ("pipeline.operator-chaining", Free),
    ("pipeline.auto-watermark-interval", Read),
    ("pipeline.watermark-alignment.*", Free),
    ("pipeline.jars", Free),
    ("pipeline.classpaths", Free),
    ("pipeline.vertex-*", Free),
    ("pipeline.sources.pause-until-first-checkpoint", Free),
    ("pipeline.time-characteristic", Free),
    ("pipeline.generic-types", Free),
    ("pipeline.force-avro", Free),
    ("pipeline.force-kryo", Free),
    ("pipeline.serialization-config", Free),
    ("pipeline.cached-files", Free),
    ("pipeline.closure-cleaner-level", Free),
    ("pipeline.auto-generate-uids", Free),
    ("pipeline.global-job-parameters", Free),
    ("execution.buffer-timeout.*", Free),
    ("execution.buffer-timeout", Free),
    ("execution.target", Free),
    ("execution.attached", Free),
    ("execution.shutdown-on-attached-exit", Free),
    ("execution.batch-shuffle-mode", Free),
    ("execution.batch.*", Free),
    ("execution.job-*", Free),
    ("execution.submit-failed-job-on-application-error", Free),
    ("execution.checkpointing.mode", OneOf(&["EXACTLY_ONCE", "AT_LEAST_ONCE"])),
    ("execution.checkpointing.interval", Read),
    ("execution.checkpointing.min-pause", Read),
    ("execution.checkpointing.timeout", Read),
    ("execution.checkpointing.tolerable-failed-checkpoints", Read),
    ("execution.checkpointing.num-retained", Read),
    ("execution.checkpointing.dir", Read),
    ("execution.checkpointing.storage", Free),
    ("execution.checkpointing.savepoint-dir", Free),
    ("execution.checkpointing.create-subdir", Free),
    ("execution.checkpointing.incremental", Free),
    ("execution.checkpointing.max-concurrent-checkpoints", Free),
    ("execution.checkpointing.externalized-checkpoint-retention", Free),
    ("execution.checkpointing.unaligned.*", Free),
    ("execution.checkpointing.aligned-checkpoint-timeout", Free),
    ("execution.checkpointing.interval-during-backlog", Free),
    ("execution.checkpointing.checkpoints-after-tasks-finish", Free),
    ("execution.checkpointing.snapshot-compression", Free),
    ("execution.checkpointing.data-inline-threshold", Free),
    ("execution.checkpointing.write-buffer-size", Free),
    ("execution.checkpointing.file-merging.*", Free),
    ("execution.checkpointing.during-recovery.enabled", Free),
    ("execution.checkpointing.local-backup.*", Free),
    ("execution.checkpointing.cleaner.*", Free),
    ("io.tmp.dirs", Read),
    ("execution.state-recovery.path", Only(&[""])),
    ("execution.state-recovery.ignore-unclaimed-state", Free),
    ("execution.state-recovery.claim-mode", Free),
    ("execution.state-recovery.from-local", Free),
    ("execution.state-recovery.without-channel-state.*", Free),
    ("restart-strategy.*", Read),
    ("restart-strategy", Read),
    ("sql-client.execution.result-mode", OneOf(&["table", "changelog", "tableau"])),
    ("sql-client.execution.max-table-result.rows", Read),
    ("sql-client.display.max-column-width", Read),
    ("sql-client.*", Free),
    ("table.dml-sync", Read),
    ("table.local-time-zone", Read),
    ("table.sql-dialect", Only(&["default"])),
    ("table.dynamic-table-options.enabled", Read),
    ("table.column-expansion-strategy", Only(&[""])),
    ("table.builtin-catalog-name", Only(&["default_catalog"])),
    ("table.builtin-database-name", Only(&["default_database"])),
    ("table.rtas-ctas.atomicity-enabled", Only(&["false"])),
    ("table.legacy-nested-row-nullability", Only(&["false"])),
    ("table.display.max-column-width", Read),
    ("table.plan.*", Free),
    ("table.catalog-modification.listeners", Free),
    ("table.resources.download-dir", Free),
    ("table.generated-code.*", Free),
    ("table.catalog-store.*", Free),
    ("table.exec.state.ttl", Read),
    ("table.exec.mini-batch.enabled", Free),
    ("table.exec.mini-batch.allow-latency", Free),
    ("table.exec.mini-batch.size", Free),
    ("table.exec.source.idle-timeout", Read),
    ("table.exec.source.cdc-events-duplicate", Only(&["false"])),
    ("table.exec.sink.not-null-enforcer", Only(&["ERROR", "DROP"])),
    ("table.exec.sink.type-length-enforcer", Only(&["IGNORE"])),
    ("table.exec.sink.nested-constraint-enforcer", Only(&["IGNORE"])),
    ("table.exec.sink.upsert-materialize", OneOf(&["AUTO", "NONE", "FORCE"])),
    ("table.exec.sink.upsert-materialize-strategy.*", Free),
    ("table.exec.sink.require-on-conflict", Read),
    ("table.exec.sink.keyed-shuffle", Free),
    ("table.exec.sink.rowtime-inserter", Only(&["ENABLED", "DISABLED"])),
    ("table.exec.sort.default-limit", Only(&["-1"])),
    ("table.exec.sort.*", Free),
    ("table.exec.spill-compression.*", Free),
    ("table.exec.resource.*", Free),
    ("table.exec.window-agg.buffer-size-limit", Free),
    ("table.exec.local-hash-agg.adaptive.*", Free),
    ("table.exec.async-lookup.*", Free),
    ("table.exec.async-scalar.*", Free),
    ("table.exec.async-table.*", Free),
    ("table.exec.async-ml-predict.*", Free),
    ("table.exec.async-vector-search.*", Free),
    ("table.exec.async-state.enabled", Free),
    ("table.exec.disabled-operators", Only(&[""])),
    ("table.exec.operator-fusion-codegen.enabled", Free),
    ("table.exec.legacy-cast-behaviour", Only(&["DISABLED"])),
    ("table.exec.rank.topn-cache-size", Free),
    ("table.exec.simplify-operator-name-enabled", Free),
    ("table.exec.deduplicate.*", Free),
    ("table.exec.unbounded-over.version", Free),
    ("table.exec.uid.*", Free),
    ("table.exec.interval-join.min-cleanup-interval", Free),
    ("table.exec.delta-join.*", Free),
    ("table.exec.emit.early-fire.enabled", Read),
    ("table.exec.emit.early-fire.delay", Read),
    ("table.exec.emit.late-fire.enabled", Read),
    ("table.exec.emit.late-fire.delay", Read),
    ("table.exec.emit.allow-lateness", Read),
    ("table.optimizer.non-deterministic-update.strategy", Only(&["IGNORE"])),
    ("table.optimizer.*", Free),
];
