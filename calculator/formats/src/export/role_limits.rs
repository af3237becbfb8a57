//! Connection limits of a role and of a database, and the queries that show how much of them is used.

use sizing::Quantity;
use sizing::strategy::statement::{
    CONNECTION_USE, CONNECTIONS_BY_STATE, DATABASE_LIMIT, DATABASE_LIMIT_SHOWN, LONG_RUNNING, ROLE_LIMIT,
    ROLE_LIMIT_SHOWN, Statement,
};

use super::{Assigned, Document, Export, Language, Subject};

pub(super) const EXPORT: Export = Export {
    kind: "role-limits",
    title: "Role limits",
    file: "role-limits.sql",
    language: Language::Sql,
    about: "Connection limits of the application's role and database, for psql -f as a superuser, and what to check \
            them with.",
    write,
};

/// What shows whether the limits are right.
const CHECKS: &[Statement] =
    &[ROLE_LIMIT_SHOWN, DATABASE_LIMIT_SHOWN, CONNECTION_USE, CONNECTIONS_BY_STATE, LONG_RUNNING];

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let scenario = subject.scenario;
    if !scenario.has_database() {
        return Err("only a secret store is sized: there are no roles of PostgreSQL to limit");
    }
    let usable = scenario.usable_connections();
    if usable == 0 {
        return Err("the server leaves the application no connection at all: raise max_connections first");
    }
    let needed = match subject.plan.value("strategy.role_limit").map(|value| &value.quantity) {
        Some(Quantity::Connections(needed)) => needed.get(),
        _ => return Err("the plan does not say what the role needs"),
    };
    // A limit that is set stays, unless raising it is what is to be done; none is worth more than the server leaves.
    let is_raised =
        subject.plan.actions.iter().any(|action| action.code == "strategy.higher_limit" && action.recommended);
    let set = scenario.role_connection_limit.map(sizing::quantity::Connections::get).filter(|_| !is_raised);
    let role = set.unwrap_or(needed).min(usable);

    let mut document = Document::new(subject, "--", "Connection limits of the application's role and its database");
    document.line("-- role_name and database_name stand for your own. Superusers are bound by neither limit.");
    document.line("");
    let roles = scenario.pool_users.get();
    if scenario.has_pooler() && roles > 1 {
        let of = roles.to_string();
        document
            .line(["-- ", &of, " users connect through the pooler: this line once for each of their roles."].concat());
    }
    let pods = ["leave 30 % unused when there are the most pods (", &subject.text("strategy.pods"), ")"].concat();
    let would = [&needed.to_string(), " would ", &pods].concat();
    document.line(match set {
        Some(_) => ["-- As it is set today, where the server leaves so many. ", &would, "."].concat(),
        None if needed > usable => ["-- ", &would, ", but the server leaves no more than this."].concat(),
        None => ["-- Such that the pools ", &pods, "."].concat(),
    });
    limit(&mut document, &ROLE_LIMIT, "ALTER ROLE role_name CONNECTION LIMIT", role);
    document.line("");
    let databases = scenario.pool_databases.get();
    if scenario.has_pooler() && databases > 1 {
        let of = databases.to_string();
        document.line(["-- ", &of, " databases share what the server leaves: together no more than this."].concat());
    } else {
        document.line("-- All that the server leaves: what is reserved or other tenants' stays theirs.");
    }
    limit(&mut document, &DATABASE_LIMIT, "ALTER DATABASE database_name CONNECTION LIMIT", usable);
    for check in CHECKS {
        document.line("");
        document.line(["-- ", check.purpose, "."].concat());
        if !check.why.is_empty() {
            document.line(["-- ", check.why].concat());
        }
        document.lines(check.sql);
    }
    Ok(document)
}

fn limit(document: &mut Document, statement: &Statement, name: &str, limit: u64) {
    document.line(["-- ", statement.why].concat());
    let setting =
        Assigned { name: name.to_owned(), value: limit.to_string(), default: Some("-1".to_owned()), takes: None };
    document.set(statement.with_number(limit), setting);
}

#[cfg(test)]
mod tests {
    use sizing::Scenario;

    use super::*;

    type Inputs<'a> = &'a [(&'a str, &'a str)];

    /// The limits of the role and of the database for these inputs.
    fn limits(inputs: &[(&str, &str)]) -> Result<Vec<String>, &'static str> {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        let document = write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) })?;
        Ok(document.lines.into_iter().filter_map(|line| Some(line.setting?.value)).collect())
    }

    #[test]
    fn of_role_and_database() {
        let rows: &[(Inputs<'_>, [&str; 2], &str)] = &[
            (&[("max_connections", "200")], ["43", "197"], "3 pods of 10 are 70 % of 43"),
            (&[("max_connections", "40")], ["37", "37"], "no more than the server leaves"),
            (&[("max_connections", "200"), ("other_connections", "60")], ["43", "137"], "what others have is theirs"),
            (&[("role_connection_limit", "90")], ["90", "97"], "as it is set"),
        ];
        for (inputs, expected, reason) in rows {
            assert_eq!(limits(inputs).unwrap(), expected, "{inputs:?}: {reason}");
        }
    }

    #[test]
    fn nothing_to_limit() {
        for (inputs, words) in [
            (&[("max_connections", "3")][..], "the server leaves the application no connection"),
            (&[("system", "secret-store")], "only a secret store"),
        ] {
            assert!(limits(inputs).is_err_and(|why| why.starts_with(words)), "{words}");
        }
    }
}
