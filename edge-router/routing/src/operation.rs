//! Whether a request reads or writes: by its method, unless a rule of the topology or of the dialect says otherwise.

pub(crate) mod vault;

use std::fmt;

use crate::decision::Denial;
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

/// One entry of `operations`, or one of a dialect's defaults: how requests of these methods and paths are treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationRule {
    pub(crate) methods: Methods,
    pub(crate) path: PathPattern,
    pub(crate) treatment: Treatment,
}

/// The methods that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Methods {
    /// Written `*`.
    Every,
    Named(String),
    /// One and the same to Vault.
    PostOrPut,
}

/// What a rule does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Takes it for this operation, whatever its method.
    As(Operation),
    /// Refuses it.
    Deny,
}

impl Methods {
    fn contain(&self, method: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Named(name) => name == method,
            Self::PostOrPut => matches!(method, "POST" | "PUT"),
        }
    }
}

impl OperationRule {
    /// Whether it is about a request of this method with a path in this normal form.
    pub(crate) fn is_about(&self, method: &str, path: &[u8]) -> bool {
        self.methods.contain(method) && self.path.matches(path)
    }
}

impl fmt::Display for OperationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let methods = match &self.methods {
            Methods::Every => "*",
            Methods::Named(name) => name,
            Methods::PostOrPut => "POST or PUT",
        };
        let treatment = match self.treatment {
            Treatment::As(operation) => operation.as_str(),
            Treatment::Deny => "deny",
        };
        write!(f, "{methods} {}: {treatment}", self.path.as_str())
    }
}

/// The operation of a request: by the first rule that matches, else by the method.
///
/// Where a strict and a lenient upstream would read the path differently and the rules differ for the two, it is
/// refused if one of them says so, and else a write: the primary can serve either.  So it is where dot segments are
/// hidden and there are rules to be dodged.
pub(crate) fn classify<'t>(
    rules: &'t [OperationRule],
    method: &str,
    path: &Readings<'_>,
) -> Result<Operation, Denial<'t>> {
    let by = |path: &[u8]| match rules.iter().find(|rule| rule.path.matches(path) && rule.methods.contain(method)) {
        None => Ok(Operation::of_method(method)),
        Some(OperationRule { treatment: Treatment::As(operation), .. }) => Ok(*operation),
        Some(OperationRule { treatment: Treatment::Deny, path, .. }) => Err(Denial::Pattern(path)),
    };
    if path.is_unambiguous() {
        return by(path.strict());
    }
    let (strict, lenient) = (by(path.strict())?, by(path.lenient())?);
    if path.hides_dots() && !rules.is_empty() {
        let denies = rules.iter().any(|rule| rule.treatment == Treatment::Deny && rule.methods.contain(method));
        return if denies { Err(Denial::HiddenDots) } else { Ok(Operation::Write) };
    }
    Ok(if strict == lenient { strict } else { Operation::Write })
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
            assert_eq!(classify(rules, method, &Readings::of(path)), Ok(expected), "{method} {path}");
        }

        let rules = [
            rule("POST", "/v1/transit/keys/*", Treatment::As(Write)),
            rule("POST", "/v1/transit/*", Treatment::As(Read)),
            rule("GET", "/v1/database/creds/*", Treatment::As(Write)),
            rule("*", "/search", Treatment::As(Read)),
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

    #[test]
    fn denied() {
        #[track_caller]
        fn check(method: &str, path: &str, expected: &str) {
            let rules = [
                rule("GET", "/v1/a/public", Treatment::As(Operation::Read)),
                rule("DELETE", "/v1/*", Treatment::Deny),
                rule("*", "/v1/a/*", Treatment::Deny),
            ];
            let classified = match classify(&rules, method, &Readings::of(path)) {
                Ok(operation) => operation.as_str(),
                Err(Denial::Pattern(pattern)) => pattern.as_str(),
                Err(Denial::HiddenDots) => "hidden dots",
            };
            assert_eq!(classified, expected, "{method} {path}");
        }
        check("GET", "/v1/b", "read");
        check("DELETE", "/v1/b", "/v1/*"); // by method
        check("GET", "/v1/a/b", "/v1/a/*"); // by path
        check("GET", "/v1/a/public", "read"); // the first rule that matches wins
        check("GET", "/v1//a/./b", "/v1/a/*"); // in every reading
        check("GET", "/v1%2fa%2fb", "/v1/a/*"); // the lenient one alone
        check("GET", "/v1/a/..%2fb", "/v1/a/*"); // the strict one alone
        check("DELETE", "/v1/%61", "/v1/*");
        check("GET", "/v1/x/..;/a/b", "/v1/a/*");
        check("GET", "/v1/b/..;/c", "hidden dots"); // nobody knows which path it is
        check("GET", "/elsewhere/..%2fx", "hidden dots");
    }

    fn rule(method: &str, path: &str, treatment: Treatment) -> OperationRule {
        let methods = if method == "*" { Methods::Every } else { Methods::Named(method.to_owned()) };
        OperationRule { methods, path: PathPattern::parse(path).unwrap(), treatment }
    }
}
