//! Which root a state belongs to, and which of several copies counts.

use super::*;

#[test]
fn an_older_copy_of_a_state_is_left_out() {
    let older = V4.replace("\"serial\": 7", "\"serial\": 6");
    for (states, kept) in [
        (
            vec![in_root(V4, "new", "a"), in_root(&older, "old", "a")],
            "new",
        ),
        (
            vec![in_root(&older, "old", "a"), in_root(V4, "new", "a")],
            "new",
        ),
        (
            vec![in_root(V4, "one", "a"), in_root(V4, "two", "a")],
            "one",
        ),
    ] {
        let i = index(states);
        let names: Vec<&str> = i.states().map(|(s, _)| s.name.as_str()).collect();
        assert_eq!(names, [kept]);
        assert_eq!(i.problems().len(), 1);
        assert_eq!(
            found(&i, "aws_s3_bucket", "logs-us").len(),
            1,
            "one owner only"
        );
    }
    let i = index(vec![in_root(V4, "x", "a"), in_root(V4, "y", "b")]);
    assert_eq!(
        found(&i, "aws_s3_bucket", "logs-us").len(),
        2,
        "two roots are two owners, lineage or not"
    );
    let unknown = V4.replace("\"lineage\": \"L1\"", "\"lineage\": \"\"");
    let i = index(vec![
        in_root(&unknown, "x", "a"),
        in_root(&unknown, "y", "a"),
    ]);
    assert_eq!(i.states().count(), 2);
}

#[test]
fn the_root_with_the_blocks_is_chosen() {
    let state = State::read("s", V4.as_bytes(), None).unwrap();
    let roots = [root("a"), root("b")];
    let choose = |in_b: bool, name: Option<&str>| {
        indexed(
            vec![state.clone()],
            &roots,
            |root, block| {
                (block.modules.is_empty() && root.as_str() == "a") || (in_b && root.as_str() == "b")
            },
            |root, resource| {
                name.filter(|_| root.as_str() == "b" && resource.names == ["crm"])
                    .map(str::to_owned)
            },
        )
        .states()
        .map(|(_, choice)| choice.clone())
        .next()
        .unwrap()
    };
    assert_eq!(choose(false, None), RootChoice::One(path("a")));
    assert_eq!(choose(true, None), RootChoice::One(path("b")));
    assert_eq!(choose(true, Some("crm")), RootChoice::One(path("b")));
}

#[test]
fn names_in_code_tell_copies_apart() {
    let state = State::read("s", V4.as_bytes(), None).unwrap();
    let choose = |a: &str, b: &str| {
        indexed(
            vec![state.clone()],
            &[root("a"), root("b")],
            |_, _| true,
            |root, resource| {
                (resource.names == ["crm"])
                    .then(|| if root.as_str() == "a" { a } else { b }.to_owned())
            },
        )
        .states()
        .map(|(_, choice)| choice.clone())
        .next()
        .unwrap()
    };
    assert_eq!(choose("crm", "crm-staging"), RootChoice::One(path("a")));
    assert_eq!(choose("crm-staging", "crm"), RootChoice::One(path("b")));
    assert!(matches!(choose("crm", "crm"), RootChoice::Several(_)));
}

#[test]
fn a_workspaces_state_stands_beside_its_root() {
    for (file, dir) in [
        ("live/prod/terraform.tfstate", "live/prod"),
        ("live/terraform.tfstate.d/dev/terraform.tfstate", "live"),
        ("terraform.tfstate.d/dev/terraform.tfstate", ""),
        ("terraform.tfstate", ""),
    ] {
        assert_eq!(State::beside(&path(file)), path(dir), "{file}");
    }
}

#[test]
fn thousands_of_states_are_not_compared_with_thousands_of_roots() {
    const ROOTS: usize = 300;
    const BLOCKS: usize = 20;
    let json = |n: usize, blocks: usize| {
        let buckets: Vec<String> = (0..blocks)
            .map(|b| format!(r#"{{"mode":"managed","type":"aws_s3_bucket","name":"b{b}","instances":[{{"attributes":{{"id":"r{n}-{b}","bucket":"r{n}-{b}"}}}}]}}"#))
            .collect();
        format!(r#"{{"version":4,"resources":[{}]}}"#, buckets.join(","))
    };
    let roots: Vec<Root> = (0..ROOTS).map(|n| root(&format!("live/r{n}"))).collect();
    let read = |names: &dyn Fn(usize) -> String| -> Vec<State> {
        (0..ROOTS)
            .map(|n| State::read(&names(n), json(n, BLOCKS).as_bytes(), None).unwrap())
            .collect()
    };
    let name = |root: &RepoPath, resource: &StateResource| {
        let block = &resource.address.name[1..];
        Some(format!("{}-{block}", root.file_name()))
    };
    let right = |index: &StateIndex| {
        let roots: Vec<String> = index
            .states()
            .map(|(_, choice)| choice.root().unwrap().to_string())
            .collect();
        assert!((0..ROOTS).all(|n| roots[n] == format!("live/r{n}")));
    };

    // The path names the root: each state is compared with that one, and not even to its end.
    let states = read(&|n| format!("states/live/r{n}/terraform.tfstate"));
    let code = Asked::new(&states, &roots, |_, _| true, name);
    right(&StateIndex::new(states, &roots, &code));
    let [has, blocks, names] = code.questions();
    assert!(has <= ROOTS * BLOCKS, "{has}");
    assert_eq!((blocks, names), (0, 0));

    // Nothing names it: the roots are copies of one another, and each is asked once for its names.
    let states = read(&|n| format!("{n}.tfstate"));
    let code = Asked::new(&states, &roots, |_, _| true, name);
    right(&StateIndex::new(states, &roots, &code));
    assert_eq!(code.questions(), [0, 1, ROOTS * BLOCKS]);
}

#[test]
fn copies_of_workspaces_stay_apart() {
    let in_workspace = |workspace: &str, name: &str| {
        let mut state = in_root(V4, name, "a");
        state.workspace = Some(workspace.to_owned());
        state
    };
    let names = |states: Vec<State>| -> Vec<String> {
        let i = index(states);
        i.states().map(|(s, _)| s.name.clone()).collect()
    };
    assert_eq!(
        names(vec![in_workspace("dev", "x"), in_workspace("prod", "y")]),
        ["x", "y"],
        "two workspaces are two states, whoever copied one"
    );
    let newer = V4.replace("\"serial\": 7", "\"serial\": 8");
    assert_eq!(
        names(vec![
            in_workspace("dev", "x"),
            in_root(&newer, "pulled", "a")
        ]),
        ["pulled"],
        "a copy that names no workspace is of the only one that is named"
    );
    assert_eq!(
        names(vec![
            in_workspace("dev", "x"),
            in_root(&newer, "pulled", "a"),
            in_workspace("prod", "y")
        ]),
        ["x", "pulled", "y"]
    );
}
