//! Object stores by URL: `s3://bucket/key` (also `s3a://`, `s3p://`, as Flink names the same thing) and
//! `gs://bucket/key`.
//!
//! [`ObjectUrl`] is the text taken apart, [`Store`] the way in, with the credentials of the environment or of the
//! session's settings; [`failed`] says in a user's words what a store refused. Checkpoints and files of tables
//! come through here, so that one set of variables opens both.

mod url;

mod store;

mod error;

pub use error::failed;
pub use store::{Store, runtime};
pub use url::ObjectUrl;
