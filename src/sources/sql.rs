//! One number from a Postgres: a single reading statement in a read-only transaction with a time-out
//! of the server's own, over connections that are kept.

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::str::FromStr as _;
use std::sync::Mutex;
use std::time::Duration;

use chrono::Utc;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::sync::Semaphore;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Config, NoTls, Statement, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::adapter::Answer;
use super::fault::{Fault, Kind, words};
use super::question::{Place, Question};
use super::secret::Keys;
use crate::plan::binding::Source;
use crate::signal::Sample;

/// So many statements run there at once; the others wait for their turn.
const AT_ONCE: usize = 2;

/// What may stand at the beginning of a statement.
const READING: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

/// A database and the connections to it.
pub(super) struct Database {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// How long a statement may take.
    within: Duration,
    slots: Semaphore,
    idle: Mutex<Vec<Client>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

/// Name and whereabouts of a source, for sentences: "shop at db:5432".
pub(super) fn title(source: &Source) -> String {
    let at = source.url.split_once("://").map_or("", |(_, rest)| rest);
    let host = at.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if host.is_empty() { source.name.clone() } else { format!("{} at {host}", source.name) }
}

impl Database {
    /// The database of a source. Nothing is asked yet.
    ///
    /// # Errors
    /// The end of a sentence that begins with the source.
    pub fn open(place: &Place, keys: &Keys) -> Result<Self, String> {
        let made = Self::new(&place.source.url, place.source.user.as_deref(), keys.auth.as_deref())?;
        Ok(Self { within: place.deadline(), ..made })
    }

    /// Asks its statement for everybody who wants to know.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        Ok(Answer::same(question, self.number(&question.text, self.within).await))
    }

    /// A database by its address and, kept elsewhere, the password. Nothing is asked yet.
    ///
    /// # Errors
    /// The end of a sentence that begins with the source; without the password.
    fn new(url: &str, user: Option<&str>, password: Option<&str>) -> Result<Self, String> {
        // Certificates are always verified, so these three mean the same here.
        let plain = url.replace("sslmode=verify-full", "sslmode=require");
        let plain = plain.replace("sslmode=verify-ca", "sslmode=require");
        let mut config =
            Config::from_str(&plain).map_err(|e| format!("has no usable url: {}", words(&cause(&e))))?;
        if config.get_password().is_some() {
            return Err("has a password in its url; say in auth where it is kept".to_owned());
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err("names no host".to_owned());
        }
        user.map(|user| config.user(user));
        password.map(|password| config.password(password));
        config.application_name("warroom");
        let tls = (config.get_ssl_mode() == SslMode::Require).then(tls).transpose()?;
        Ok(Self {
            config,
            tls,
            within: Duration::ZERO,
            slots: Semaphore::new(AT_ONCE),
            idle: Mutex::new(vec![]),
        })
    }

    /// Asks one statement; NULL or no row is no sample.
    ///
    /// The connection is given back only when all went well: one whose answer never came is closed,
    /// and the server ends what runs on it after `within`.
    async fn number(&self, statement: &str, within: Duration) -> Result<Vec<Sample>, Fault> {
        let statement = single(statement)?;
        let _slot = self.slots.acquire().await.expect("it is never closed");
        let mut client = match self.take() {
            Some(client) => client,
            None => self.connect().await?,
        };
        let told = read(&mut client, statement, within).await.map_err(told)?;
        self.lock().push(client);
        Ok(told?.map(|value| Sample { at: Utc::now(), value }).into_iter().collect())
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.lock();
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Client, Fault> {
        let failed = |e: tokio_postgres::Error| told(e);
        // The connection ends by itself when its client is dropped.
        match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await.map_err(failed)?;
                drop(tokio::spawn(connection));
                Ok(client)
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
                drop(tokio::spawn(connection));
                Ok(client)
            }
        }
    }
}

fn tls() -> Result<MakeRustlsConnect, String> {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|e| format!("cannot speak TLS: {e}"))?;
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

/// A statement that can be one that reads. That it is a single one and writes nothing is for the
/// server to say.
fn single(statement: &str) -> Result<&str, Fault> {
    let statement = statement.trim().trim_end_matches(';').trim_end();
    let word = statement.trim_start_matches('(').trim_start().split(|c: char| !c.is_alphabetic()).next();
    let word = word.unwrap_or_default().to_uppercase();
    if READING.contains(&word.as_str()) {
        return Ok(statement);
    }
    let word = if word.is_empty() { "nothing".to_owned() } else { word };
    Err(Fault::answer(format!("is only read, and the statement begins with {word}; write a SELECT")))
}

/// The one number of a statement.
async fn read(
    client: &mut Client,
    statement: &str,
    within: Duration,
) -> Result<Result<Option<f64>, Fault>, tokio_postgres::Error> {
    let limit = within.as_millis().max(1);
    let session = client.build_transaction().read_only(true).start().await?;
    session
        .batch_execute(&format!("SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {limit}"))
        .await?;
    let prepared = session.prepare(statement).await?;
    let value = match shape(&prepared) {
        Err(fault) => Err(fault),
        Ok(()) => first(&session, &prepared).await?,
    };
    session.rollback().await?;
    Ok(value)
}

/// One column, of a type that is a number.
fn shape(prepared: &Statement) -> Result<(), Fault> {
    match prepared.columns() {
        [column] if Scalar::accepts(column.type_()) => Ok(()),
        [column] => {
            let kind = column.type_().name();
            Err(Fault::answer(format!("gives {kind}, which is no number; cast it in the statement")))
        }
        all => Err(Fault::answer(format!("gives {} columns; a signal is one number", all.len()))),
    }
}

/// Never more than two rows are fetched, however many there are.
async fn first(
    session: &Transaction<'_>,
    prepared: &Statement,
) -> Result<Result<Option<f64>, Fault>, tokio_postgres::Error> {
    let portal = session.bind(prepared, &[]).await?;
    let rows = session.query_portal(&portal, 2).await?;
    Ok(match &rows[..] {
        [] => Ok(None),
        [row] => Ok(row.try_get::<_, Option<Scalar>>(0)?.map(|s| s.0)),
        _ => Err(Fault::answer("gives several rows; a signal is one number")),
    })
}

/// Any of the database's numbers.
struct Scalar(f64);

impl<'a> FromSql<'a> for Scalar {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Scalar(match *kind {
            Type::BOOL => f64::from(u8::from(bool::from_sql(kind, raw)?)),
            Type::INT2 => f64::from(i16::from_sql(kind, raw)?),
            Type::INT4 => f64::from(i32::from_sql(kind, raw)?),
            Type::INT8 => i64::from_sql(kind, raw)? as f64,
            Type::OID => f64::from(u32::from_sql(kind, raw)?),
            Type::FLOAT4 => f64::from(f32::from_sql(kind, raw)?),
            Type::FLOAT8 => f64::from_sql(kind, raw)?,
            Type::INTERVAL => interval(raw).ok_or("an interval that cannot be read")?,
            _ => numeric(raw).ok_or("a numeric that cannot be read")?,
        }))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::BOOL
                | Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::OID
                | Type::FLOAT4
                | Type::FLOAT8
                | Type::INTERVAL
                | Type::NUMERIC
        )
    }
}

/// Seconds, a month being 30 days as in `extract(epoch from …)` of short intervals.
fn interval(raw: &[u8]) -> Option<f64> {
    let micros = i64::from_be_bytes(raw.get(..8)?.try_into().ok()?);
    let days = i32::from_be_bytes(raw.get(8..12)?.try_into().ok()?);
    let months = i32::from_be_bytes(raw.get(12..16)?.try_into().ok()?);
    let days = f64::from(days) + 30.0 * f64::from(months);
    Some(micros as f64 / 1e6 + days * 86_400.0)
}

/// Digits to the base 10,000 behind their number, weight, sign and scale (`numeric_send`). Read by
/// way of text, so that it rounds as any number does.
fn numeric(raw: &[u8]) -> Option<f64> {
    let words: Vec<u16> = raw.chunks_exact(2).map(|w| u16::from_be_bytes([w[0], w[1]])).collect();
    let (&[count, weight, sign, _], digits) = words.split_first_chunk::<4>()?;
    let sign = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xD000 => return Some(f64::INFINITY),
        0xF000 => return Some(f64::NEG_INFINITY),
        _ => return Some(f64::NAN),
    };
    let digits: String = digits.get(..usize::from(count))?.iter().map(|d| format!("{d:04}")).collect();
    let exponent = 4 * (i32::from(weight.cast_signed()) + 1) - i32::try_from(digits.len()).ok()?;
    format!("{sign}0{digits}e{exponent}").parse().ok()
}

/// What the database said, in words for whoever wrote the statement.
#[allow(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn told(error: tokio_postgres::Error) -> Fault {
    match error.as_db_error() {
        Some(said) => refused(said),
        None if error.is_closed() => Fault::answer("closed the connection"),
        None => {
            let root = cause(&error);
            let kind = if root.contains("refused") { Kind::Refused } else { Kind::Unreachable };
            Fault::new(kind, format!("cannot be asked: {}", words(&root)))
        }
    }
}

fn refused(said: &DbError) -> Fault {
    let message = words(said.message());
    Fault::answer(match *said.code() {
        SqlState::READ_ONLY_SQL_TRANSACTION => {
            format!("is only read, and the statement writes: {message}")
        }
        SqlState::SYNTAX_ERROR if said.message().contains("multiple commands") => {
            "was asked several statements at once; a signal is one".to_owned()
        }
        SqlState::QUERY_CANCELED => "took too long and was ended by the database".to_owned(),
        SqlState::LOCK_NOT_AVAILABLE => "waited too long for a lock".to_owned(),
        _ => format!("says: {message}"),
    })
}

/// The innermost reason.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(inner) = root.source() {
        root = inner;
    }
    root.to_string()
}
