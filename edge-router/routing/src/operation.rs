//! Whether a request reads or writes: by its method, unless a rule of the topology says otherwise.

use crate::path::Readings;
use crate::pattern::PathPattern;

/// What a request does to the data, which decides who may serve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Changes nothing: any cluster that serves traffic may answer.
    Read,
    /// May change something: only the primary, or a cluster that forwards writes itself, may answer.
    Write,
}

impl Operation {
    /// The operation of a method when no rule applies: GET, HEAD and OPTIONS read (the safe methods of RFC 9110,
    /// section 9.2.1, except TRACE, which no proxy passes on); every other method, unknown ones included, writes.
    #[must_use]
    pub fn of_method(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Self::Read,
            _ => Self::Write,
        }
    }

    /// The name used in the topology file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// One entry of `operations`: requests of this method and path are of this operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationRule {
    /// `None` stands for every method (`*`).
    pub(crate) method: Option<String>,
    pub(crate) path: PathPattern,
    pub(crate) operation: Operation,
}

/// The operation of a request: the first rule that matches, else the method.
///
/// Where a strict and a lenient upstream would read the path differently and the rules differ for the two, it is a
/// write: the primary can serve either.  So it is where dot segments are hidden and there are rules to be dodged.
pub(crate) fn classify(rules: &[OperationRule], method: &str, path: &Readings<'_>) -> Operation {
    let by = |path: &[u8]| {
        rules
            .iter()
            .find(|rule| rule.method.as_deref().is_none_or(|m| m == method) && rule.path.matches(path))
            .map_or_else(|| Operation::of_method(method), |rule| rule.operation)
    };
    if path.hides_dots() && !rules.is_empty() {
        return Operation::Write;
    }
    let strict = by(path.strict());
    if path.is_unambiguous() || strict == by(path.lenient()) { strict } else { Operation::Write }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_of_a_method() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert_eq!(Operation::of_method(method), Operation::Read, "{method}");
        }
        // Writes, extensions, the never proxied, the misspelt and the empty: whatever is not known to be safe writes.
        for method in ["POST", "PUT", "PATCH", "DELETE", "LIST", "PROPFIND", "PURGE", "TRACE", "get", "GET ", ""] {
            assert_eq!(Operation::of_method(method), Operation::Write, "{method}");
        }
    }

    #[test]
    fn rules() {
        use Operation::{Read, Write};

        #[track_caller]
        fn check(rules: &[OperationRule], method: &str, path: &str, expected: Operation) {
            assert_eq!(classify(rules, method, &Readings::of(path)), expected, "{method} {path}");
        }

        let rule = |method: Option<&str>, path: &str, operation| OperationRule {
            method: method.map(str::to_owned),
            path: PathPattern::parse(path).unwrap(),
            operation,
        };
        let rules = [
            rule(Some("POST"), "/v1/transit/keys/*", Operation::Write),
            rule(Some("POST"), "/v1/transit/*", Operation::Read),
            rule(Some("GET"), "/v1/database/creds/*", Operation::Write),
            rule(None, "/search", Operation::Read),
        ];
        check(&rules, "POST", "/v1/transit/encrypt/app", Read); // a POST that reads
        check(&rules, "POST", "/v1/transit/keys/app", Write); // the first matching rule wins over the wider one
        check(&rules, "PUT", "/v1/transit/encrypt/app", Write); // the rule names POST only
        check(&rules, "GET", "/v1/database/creds/app", Write); // a GET that creates a credential
        check(&rules, "GET", "/v1/database/config", Read); // no rule: the method decides
        check(&rules, "DELETE", "/search", Read); // `*` stands for every method
        check(&rules, "POST", "/search/", Read); // a trailing slash makes no difference
        check(&rules, "POST", "/v1//transit/./encrypt/app", Read); // normalised before matching
        check(&rules, "POST", "/v1/%74ransit/encrypt/app", Read); // an escaped letter is that letter
        check(&rules, "POST", "/v1/secret/..%2ftransit/x", Write); // transit to one upstream, secret to another
        check(&rules, "GET", "/v1/database/creds/..%2fconfig", Write); // the same trick the other way round
        check(&rules, "GET", "/projects/group%2Fname", Read); // an escaped slash by itself changes nothing
    }
}
