//! Tests of the tables, and of what they make of written values.

use super::*;

fn argument(kind: &str, name: &str) -> Argument {
    Argument::find(false, kind, None, name).expect("the table has it")
}

fn text(text: &str) -> Value {
    Value::new(Kind::String(text.to_owned()))
}

#[test]
fn every_line_of_the_tables_is_read() {
    let mut arguments = 0;
    for table in TABLES {
        let mut names: Vec<&str> = rows(table).into_iter().map(|(name, _)| name).collect();
        for line in table.lines().filter(|line| line.starts_with(' ')) {
            let (first, of) = line.trim().split_once(' ').expect("a type and names");
            let ty = first.rsplit('.').next().expect("a type");
            assert!(type_of(ty.trim_end_matches(['!', '~'])).is_some(), "{line}");
            arguments += of.split(' ').count();
        }
        let listed: Vec<&str> = table
            .lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .collect();
        assert_eq!(names, listed);
        assert!(!names.is_empty());
        names.dedup();
        assert_eq!(names.len(), listed.len(), "a type stands there twice");
    }
    assert!(arguments > 5_000, "{arguments}");
    assert_eq!(
        ROWS.len(),
        TABLES.iter().map(|t| rows(t).len()).sum::<usize>()
    );
}

#[test]
fn a_value_gets_the_type_of_the_argument() {
    let port = argument("aws_db_instance", "port").planned(text("5432"));
    assert_eq!(port.map(|v| v.kind), Some(Kind::Number(5432.0)));
    let version = argument("aws_db_instance", "engine_version");
    let planned = version.planned(Value::new(Kind::Number(16.0)));
    assert_eq!(planned.and_then(|v| v.as_text()), Some("16".to_owned()));
    let subnets = ["b", "a", "b"].map(text).to_vec();
    let planned = argument("aws_lb", "subnets").planned(Value::new(Kind::List(subnets.into())));
    let planned = planned.expect("it is known");
    assert!(planned.set);
    let held: Vec<_> = planned
        .as_list()
        .expect("a set")
        .iter()
        .map(Value::as_str)
        .collect();
    assert_eq!(held, [Some("a"), Some("b")]);
}

#[test]
fn what_the_provider_may_change_is_not_told() {
    // Hashed, put in order, kept or dropped for reasons of the provider's own.
    for (kind, name) in [
        ("aws_instance", "user_data"),
        ("aws_acm_certificate", "subject_alternative_names"),
        ("aws_lb", "idle_timeout"),
        ("aws_lb_listener", "protocol"),
        ("aws_security_group", "ingress"),
        ("aws_db_instance", "no_such_argument"),
        ("aws_no_such_type", "name"),
        ("google_storage_bucket", "location"),
    ] {
        assert_eq!(
            Argument::find(false, kind, None, name),
            None,
            "{kind}.{name}"
        );
    }
    assert_eq!(Argument::find(true, "aws_db_instance", None, "port"), None);
}

#[test]
fn of_what_the_provider_may_write_in_another_way_plain_words_are_known() {
    let engine = argument("aws_db_instance", "engine");
    assert!(engine.plain);
    let planned = engine.planned(text("postgres"));
    assert_eq!(
        planned.and_then(|v| v.as_text()),
        Some("postgres".to_owned())
    );
    assert_eq!(engine.planned(text("Postgres")), None);
    let zone = argument("aws_route53_zone", "name");
    let planned = zone.planned(text("example.com"));
    assert_eq!(
        planned.and_then(|v| v.as_text()),
        Some("example.com".to_owned())
    );
    assert_eq!(zone.planned(text("example.com.")), None);
}

#[test]
fn what_is_as_good_as_absent_is_not_known() {
    assert_eq!(
        argument("aws_db_instance", "engine_version").planned(text("")),
        None
    );
    let empty = Value::new(Kind::Object(std::collections::BTreeMap::new().into()));
    assert_eq!(argument("aws_vpc", "tags").planned(empty), None);
    // Terraform refuses it.
    assert_eq!(
        argument("aws_db_instance", "port").planned(text("many")),
        None
    );
}

#[test]
fn of_a_map_that_is_not_all_known_the_known_entries_are() {
    let unset = Value::unknown(Unknown::UnsetVariable("id".to_owned()));
    let map = [
        ("a".to_owned(), Value::new(Kind::Number(1.0))),
        ("b".to_owned(), unset),
        ("c".to_owned(), Value::new(Kind::Null)),
    ];
    let planned =
        argument("aws_vpc", "tags").planned(Value::new(Kind::Object(map.into_iter().collect())));
    let planned = planned.expect("some of it is known");
    assert!(matches!(planned.kind, Kind::Unknown(_)));
    let Some(Certain::Entries(known)) = planned.certain.as_deref() else {
        panic!("the entries are kept");
    };
    assert_eq!(known.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(known["a"].kind, Kind::String("1".to_owned()));
}

#[test]
fn secrets_are_marked() {
    let password = argument("aws_db_instance", "password").planned(text("x"));
    assert!(password.is_some_and(|v| v.sensitive));
}
