//! Errors shown with the SQL they are about.
