//! `${VAR}` in option values.
