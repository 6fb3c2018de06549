//! Types.

use flitz_dataflow::{Error, Result};

use super::Parser;
use crate::ast::{DataType, DataTypeKind, RowTypeField, TimeZoneKind};

impl Parser<'_> {
    /// A type with `[NOT] NULL`: of a column, a field or an element.
    pub(super) fn data_type(&mut self) -> Result<DataType> {
        let start = self.span();
        let mut data_type = self.cast_type()?;
        data_type.nullable = self.nullability();
        // `INT ARRAY`, `INT NOT NULL ARRAY`
        let mut levels = 0;
        while let Some(collection) = self.collection_suffix() {
            levels += 1;
            self.check_type_depth(levels)?;
            data_type.span = self.span_since(start);
            let kind = collection(Box::new(data_type));
            data_type = DataType { kind, nullable: self.nullability(), span: self.span_since(start) };
        }
        data_type.span = self.span_since(start);
        Ok(data_type)
    }

    /// `INT ARRAY ARRAY ..` nests without recursion.
    fn check_type_depth(&self, levels: usize) -> Result<()> {
        if levels > super::DEPTH_MAX { Err(self.error("this type is nested too deep")) } else { Ok(()) }
    }

    fn nullability(&mut self) -> Option<bool> {
        if self.eat_words(&["NOT", "NULL"]) {
            Some(false)
        } else if self.eat_word("NULL") {
            Some(true)
        } else {
            None
        }
    }

    fn collection_suffix(&mut self) -> Option<fn(Box<DataType>) -> DataTypeKind> {
        self.one_of::<fn(Box<DataType>) -> DataTypeKind>(&[
            ("ARRAY", DataTypeKind::Array),
            ("MULTISET", DataTypeKind::Multiset),
        ])
    }

    /// A type without nullability of its own: of CAST and RETURNING.
    pub(super) fn cast_type(&mut self) -> Result<DataType> {
        self.nested(|p| {
            let start = p.span();
            let kind = p.data_type_kind()?;
            let mut data_type = DataType { kind, nullable: None, span: p.span_since(start) };
            let mut levels = 0;
            while let Some(collection) = p.collection_suffix() {
                levels += 1;
                p.check_type_depth(levels)?;
                let kind = collection(Box::new(data_type));
                data_type = DataType { kind, nullable: None, span: p.span_since(start) };
            }
            Ok(data_type)
        })
    }

    fn data_type_kind(&mut self) -> Result<DataTypeKind> {
        use DataTypeKind::*;
        let crate::lexer::TokenKind::Word(word) = self.token().kind else {
            return self.named_type();
        };
        let start = self.span();
        let word = word.to_ascii_uppercase();
        // Only what is a reserved word, or is followed by what makes it a type, is not a user's name.
        let is_type = super::is_reserved(&word) || matches!(word.as_str(), "MAP");
        if !is_type {
            return self.named_type();
        }
        let kind = match word.as_str() {
            "CHAR" | "CHARACTER" => {
                self.advance();
                if self.eat_word("VARYING") { Varchar(self.length()?) } else { Char(self.length()?) }
            }
            "VARCHAR" => self.then(Self::length).map(Varchar)?,
            "STRING" => self.take(String),
            "BOOLEAN" => self.take(Boolean),
            "BINARY" => {
                self.advance();
                if self.eat_word("VARYING") { Varbinary(self.length()?) } else { Binary(self.length()?) }
            }
            "VARBINARY" => self.then(Self::length).map(Varbinary)?,
            "BYTES" => self.take(Bytes),
            "DECIMAL" | "DEC" | "NUMERIC" => {
                self.advance();
                let (mut precision, mut scale) = (None, None);
                if self.eat("(") {
                    precision = Some(self.integer("a precision")?);
                    if self.eat(",") {
                        scale = Some(self.integer("a scale")?);
                    }
                    self.expect(")", "after the precision and scale")?;
                }
                Decimal { precision, scale }
            }
            "TINYINT" => self.take(TinyInt),
            "SMALLINT" => self.take(SmallInt),
            "INT" | "INTEGER" => self.take(Int),
            "BIGINT" => self.take(BigInt),
            "FLOAT" => self.take(Float),
            "REAL" => self.take(Real),
            "DOUBLE" => {
                self.advance();
                self.eat_word("PRECISION");
                Double
            }
            "DATE" => self.take(Date),
            "TIME" => {
                self.advance();
                let precision = self.length()?;
                if self.time_zone()? == TimeZoneKind::Local {
                    return Err(Error::invalid("TIME has no time zone").at(self.span_since(start)));
                }
                Time(precision)
            }
            "TIMESTAMP" => {
                self.advance();
                let precision = self.length()?;
                Timestamp { precision, zone: self.time_zone()? }
            }
            "TIMESTAMP_LTZ" => {
                self.advance();
                Timestamp { precision: self.length()?, zone: TimeZoneKind::Local }
            }
            "INTERVAL" => {
                self.advance();
                Interval(self.interval_qualifier()?)
            }
            "ARRAY" => self.then(|p| p.element_type("ARRAY")).map(|t| Array(Box::new(t)))?,
            "MULTISET" => self.then(|p| p.element_type("MULTISET")).map(|t| Multiset(Box::new(t)))?,
            "MAP" if self.symbol_at(1, "<") => {
                self.advance();
                self.expect("<", "after MAP")?;
                let key = self.data_type()?;
                self.expect(",", "after the type of the keys of MAP")?;
                let value = self.data_type()?;
                self.expect(">", "after the types of MAP")?;
                Map(Box::new(key), Box::new(value))
            }
            "ROW" => {
                self.advance();
                Row(self.row_fields()?)
            }
            "STRUCTURED" => {
                self.advance();
                self.expect("<", "after STRUCTURED")?;
                let class = self.string("the name of a class")?;
                let mut fields = Vec::new();
                while self.eat(",") {
                    fields.push(self.row_field()?);
                }
                self.expect(">", "after the fields of STRUCTURED")?;
                Structured { class, fields }
            }
            "RAW" => {
                self.advance();
                self.expect("(", "after RAW")?;
                let class = self.string("the name of a class")?;
                self.expect(",", "after the class of RAW")?;
                let snapshot = self.string("a serializer snapshot")?;
                self.expect(")", "after the serializer snapshot of RAW")?;
                Raw { class, snapshot }
            }
            "VARIANT" => self.take(Variant),
            "BITMAP" => self.take(Bitmap),
            "DATETIME" => return Err(self.error("there is no type DATETIME").hint("write TIMESTAMP(3)")),
            "BLOB" => return Err(self.error("there is no type BLOB").hint("write BYTES")),
            "CLOB" => return Err(self.error("there is no type CLOB").hint("write STRING")),
            _ => return self.named_type(),
        };
        Ok(kind)
    }

    /// Any other name. Most are typing errors or come from another dialect, which is said when it does not resolve.
    fn named_type(&mut self) -> Result<DataTypeKind> {
        self.object_name("a type").map(DataTypeKind::Named)
    }

    fn take(&mut self, kind: DataTypeKind) -> DataTypeKind {
        self.advance();
        kind
    }

    fn then<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.advance();
        parse(self)
    }

    /// `[(n)]`
    fn length(&mut self) -> Result<Option<u32>> {
        if !self.eat("(") {
            return Ok(None);
        }
        let length = self.integer("a length or precision")?;
        self.expect(")", "after the length or precision")?;
        Ok(Some(length))
    }

    /// `[WITHOUT TIME ZONE | WITH LOCAL TIME ZONE]`
    fn time_zone(&mut self) -> Result<TimeZoneKind> {
        if self.eat_words(&["WITHOUT", "TIME", "ZONE"]) {
            return Ok(TimeZoneKind::Without);
        }
        if self.eat_words(&["WITH", "LOCAL", "TIME", "ZONE"]) {
            return Ok(TimeZoneKind::Local);
        }
        if self.at_words(&["WITH", "TIME", "ZONE"]) {
            let error = self.error("there is no TIMESTAMP WITH TIME ZONE");
            return Err(error.hint("write TIMESTAMP_LTZ, a point in time shown in the session's time zone"));
        }
        Ok(TimeZoneKind::Without)
    }

    /// `<type>`
    fn element_type(&mut self, of: &str) -> Result<DataType> {
        self.expect("<", &format!("after {of}"))?;
        let element = self.data_type()?;
        self.expect(">", &format!("after the element type of {of}"))?;
        Ok(element)
    }

    /// `<a INT, ..>` or `(a INT, ..)`
    fn row_fields(&mut self) -> Result<Vec<RowTypeField>> {
        // `ROW<>` is a row without fields.
        if self.eat("<>") {
            return Ok(Vec::new());
        }
        let close = if self.eat("<") {
            ">"
        } else if self.eat("(") {
            ")"
        } else {
            return Err(self.expected("`<` and the fields after ROW"));
        };
        let fields = self.comma_separated(Self::row_field)?;
        if self.eat(close) { Ok(fields) } else { Err(self.expected(format!("`,` or `{close}` after a field of ROW"))) }
    }

    fn row_field(&mut self) -> Result<RowTypeField> {
        let start = self.span();
        let name = self.name("the name of a field")?;
        let data_type = self.data_type()?;
        let comment = if self.at_string() { Some(self.string("a comment")?) } else { None };
        Ok(RowTypeField { name, data_type, comment, span: self.span_since(start) })
    }
}
