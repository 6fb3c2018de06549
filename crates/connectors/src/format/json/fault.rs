//! What can be wrong with a message.

/// Boxed, because it is rare and the good way is short.
pub type Parsed<T> = Result<T, Box<Fault>>;

#[derive(Debug)]
pub enum Fault {
    /// It is not JSON, or no object: nothing can be made of it.
    Syntax { offset: usize, reason: String },
    /// To be read token by token, see `stream`.
    Irregular,
    /// A value doesn't suit its column.
    Value { offset: usize, path: String, reason: String },
}

impl Fault {
    #[cold]
    pub fn syntax(offset: usize, reason: String) -> Box<Fault> {
        Box::new(Fault::Syntax { offset, reason })
    }

    #[cold]
    pub fn irregular() -> Box<Fault> {
        Box::new(Fault::Irregular)
    }

    #[cold]
    pub fn value(offset: usize, reason: String) -> Box<Fault> {
        Box::new(Fault::Value { offset, path: String::new(), reason })
    }

    /// The value lies in the field `name` of a row.
    #[cold]
    pub fn within(mut self: Box<Fault>, name: &str) -> Box<Fault> {
        if let Fault::Value { path, .. } = &mut *self {
            *path = if path.is_empty() || path.starts_with('[') {
                format!("{name}{path}")
            } else {
                format!("{name}.{path}")
            };
        }
        self
    }

    /// The value lies in element `index` of an array.
    #[cold]
    pub fn within_element(self: Box<Fault>, index: usize) -> Box<Fault> {
        self.within(&format!("[{index}]"))
    }

    /// A sentence for the user.
    pub fn message(&self) -> String {
        match self {
            Fault::Syntax { offset, reason } => format!("not a JSON object: {reason} at byte {offset}"),
            Fault::Irregular => "not a JSON object of the usual form".to_owned(),
            Fault::Value { offset, path, reason } if path.is_empty() => format!("{reason} (byte {offset})"),
            Fault::Value { offset, path, reason } => {
                let colon = if reason.starts_with("is ") { "" } else { ":" };
                format!("field {path}{colon} {reason} (byte {offset})")
            }
        }
    }
}
