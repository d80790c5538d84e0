//! JSON, written.

use std::fmt::{self, Display, Write};

/// The integers that JavaScript's numbers hold exactly.
const EXACT: u64 = 1 << 53;

/// A value.
pub enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f32),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// A count.
    pub fn count(value: usize) -> Json {
        Json::Integer(value.try_into().unwrap_or(i64::MAX))
    }

    /// A list of anything.
    pub fn list<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Json {
        Json::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Json {
        Json::Integer(value)
    }
}

impl From<f32> for Json {
    fn from(value: f32) -> Json {
        Json::Real(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Json {
        Json::Text(value.into())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Json {
        Json::Text(value)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => f.write_str(if *value { "true" } else { "false" }),
            Json::Integer(value) if value.unsigned_abs() < EXACT => write!(f, "{value}"),
            Json::Integer(value) => write!(f, "\"{value}\""),
            // JSON has no infinity.
            Json::Real(value) if !value.is_finite() => f.write_str("null"),
            Json::Real(value) => write!(f, "{value}"),
            Json::Text(text) => quoted(f, text),
            Json::List(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Json::Object(fields) => {
                f.write_char('{')?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    quoted(f, name)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                f.write_char('\\')?;
                f.write_char(c)?;
            }
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_a_parser_reads() {
        let hostile = "\"\\\u{0}\n\u{7f}\u{2028}</script>é";
        let integers = [0, -1, (1 << 53) - 1, 1 << 53, i64::MIN];
        let value = Json::Object(vec![
            ("text", hostile.into()),
            ("integers", Json::list(integers)),
            ("reals", Json::list([0.1f32, -0.0, 3.4e38, f32::NAN, f32::INFINITY])),
            ("rest", Json::List(vec![Json::Null, true.into(), Json::from(None::<i64>), Json::count(7)])),
        ]);
        let parsed: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
        assert_eq!(parsed["text"], hostile);
        assert_eq!(parsed["integers"], serde_json::json!([0, -1, 9007199254740991i64, "9007199254740992", "-9223372036854775808"]));
        assert_eq!(parsed["reals"][0].as_f64().map(|v| v as f32), Some(0.1));
        assert_eq!(parsed["reals"][2].as_f64().map(|v| v as f32), Some(3.4e38));
        assert_eq!(parsed["reals"][3], serde_json::Value::Null);
        assert_eq!(parsed["rest"], serde_json::json!([null, true, null, 7]));
    }
}
