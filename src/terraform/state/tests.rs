use super::*;
use crate::terraform::address::BlockAddress;
use crate::terraform::identity;

fn state(json: &str) -> State {
    State::read("s.tfstate", json.as_bytes(), None).unwrap()
}

fn error(bytes: &[u8]) -> String {
    State::read("dir/s.tfstate", bytes, None)
        .unwrap_err()
        .to_string()
}

fn resource(kind: &str, attributes: &str) -> StateResource {
    let json = format!(
        r#"{{"version":4,"resources":[{{"mode":"managed","type":"{kind}","name":"x","instances":[{{"attributes":{attributes}}}]}}]}}"#
    );
    let mut state = state(&json);
    assert_eq!(state.problems, Vec::<String>::new());
    state.resources.remove(0)
}

const V4: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "L1", "outputs": {"secret": {"value": "hunter2"}},
  "resources": [
    {"mode": "data", "type": "aws_s3_bucket", "name": "read", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
     "instances": [{"attributes": {"id": "read", "arn": "arn:aws:s3:::read"}}]},
    {"module": "module.logs[\"a.b\"]", "mode": "managed", "type": "aws_s3_bucket", "name": "this",
     "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].dr",
     "instances": [
       {"index_key": "eu", "schema_version": 0, "attributes": {"arn": "arn:aws:s3:::logs-eu", "bucket": "logs-eu", "id": "logs-eu", "region": "eu-west-1"}},
       {"index_key": "us", "deposed": "12ab", "attributes": {"arn": "arn:aws:s3:::old", "bucket": "old", "id": "old"}},
       {"index_key": "us", "attributes": {"arn": "arn:aws:s3:::logs-us", "bucket": "logs-us", "id": "logs-us"}}
     ]},
    {"mode": "managed", "type": "aws_db_instance", "name": "crm", "provider": "provider.aws.eu",
     "instances": [{"index_key": 0, "status": "tainted", "attributes": {"arn": "arn:aws:rds:eu-west-1:111122223333:db:crm", "id": "db-ABC", "identifier": "crm", "password": "hunter2"}}]}
  ]
}"#;

const SHOWN: &str = r#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {
  "resources": [
    {"address": "aws_sqs_queue.jobs[\"a\"]", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs", "index": "a",
     "provider_name": "registry.terraform.io/hashicorp/aws", "values": {"id": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "name": "jobs"}},
    {"address": "data.aws_region.current", "mode": "data", "type": "aws_region", "name": "current", "values": {"id": "eu-west-1"}},
    {"address": "aws_sqs_queue.gone", "mode": "managed", "type": "aws_sqs_queue", "name": "gone", "deposed_key": "00aa", "values": {"id": "x"}}
  ],
  "child_modules": [{"address": "module.a", "child_modules": [{"address": "module.a.module.b[0]", "resources": [
    {"address": "module.a.module.b[0].aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t",
     "values": {"arn": "arn:aws:sns:eu-west-1:111122223333:t", "id": "arn:aws:sns:eu-west-1:111122223333:t", "name": "t"}, "sensitive_values": {"name": true}}
  ]}]}]
}}}"#;

#[test]
fn version_4() {
    let s = state(V4);
    let addresses: Vec<String> = s.resources.iter().map(|r| r.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "module.logs[\"a.b\"].aws_s3_bucket.this[\"eu\"]",
            "module.logs[\"a.b\"].aws_s3_bucket.this[\"us\"]",
            "aws_db_instance.crm[0]"
        ]
    );
    assert_eq!((s.lineage.as_deref(), s.serial), (Some("L1"), 7));
    assert_eq!(s.resources[1].id.as_deref(), Some("logs-us"));
    assert_eq!(s.resources[0].names, ["logs-eu"]);
    assert_eq!(s.resources[0].account, None);
    assert_eq!(s.resources[0].region.as_deref(), Some("eu-west-1"));
    assert_eq!(s.resources[0].provider_alias.as_deref(), Some("dr"));
    let db = &s.resources[2];
    assert_eq!(db.account.as_deref(), Some("111122223333"));
    assert_eq!(db.region.as_deref(), Some("eu-west-1"));
    assert_eq!(db.provider_alias.as_deref(), Some("eu"));
    assert_eq!(db.names, ["crm"]);
    assert!(!s.is_empty());
}

#[test]
fn terraform_show() {
    let s = state(SHOWN);
    let addresses: Vec<String> = s.resources.iter().map(|r| r.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "aws_sqs_queue.jobs[\"a\"]",
            "module.a.module.b[0].aws_sns_topic.t"
        ]
    );
    assert_eq!(
        s.resources[0].account.as_deref(),
        Some("111122223333"),
        "from the URL"
    );
    assert_eq!(
        s.resources[1].names,
        Vec::<String>::new(),
        "sensitive values are dropped"
    );
}

#[test]
fn a_plans_prior_state() {
    let plan = format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{}}}},"prior_state":{SHOWN}}}"#
    );
    assert_eq!(state(&plan).resources, state(SHOWN).resources);
    let e = error(br#"{"format_version":"1.2","planned_values":{}}"#);
    assert!(e.contains("a plan without a prior state"), "{e}");
}

#[test]
fn nothing_secret_is_kept() {
    let s = state(V4);
    assert!(!format!("{s:?}").contains("hunter2"));
    let r = resource(
        "aws_iam_access_key",
        r#"{"id":"AKIA1","user":"bob","secret":"hunter2","ses_smtp_password_v4":"hunter2","status":"Active"}"#,
    );
    assert!(!format!("{r:?}").contains("hunter2"));
    assert_eq!(
        (r.id.as_deref(), r.owner.as_deref()),
        (Some("AKIA1"), Some("bob"))
    );
    let marked = state(
        r#"{"version":4,"resources":[{"mode":"managed","type":"aws_ssm_parameter","name":"x","instances":[{"attributes":{"id":"i","name":"n"},"sensitive_attributes":[[{"type":"get_attr","value":"name"}]]}]}]}"#,
    );
    assert_eq!(marked.resources[0].names, Vec::<String>::new());
    assert_eq!(marked.resources[0].id.as_deref(), Some("i"));
}

#[test]
fn places_of_objects_without_an_arn() {
    let r = resource(
        "aws_security_group",
        r#"{"id":"sg-1","owner_id":"111122223333","name":"web"}"#,
    );
    assert_eq!(r.account.as_deref(), Some("111122223333"));
    assert_eq!(r.names, ["web"]);
    let r = resource(
        "aws_ebs_volume",
        r#"{"id":"vol-1","availability_zone":"eu-west-1b"}"#,
    );
    assert_eq!(r.region.as_deref(), Some("eu-west-1"));
    let r = resource(
        "aws_instance",
        r#"{"id":"i-1","availability_zone":"us-west-2-lax-1a","owner_id":"amazon"}"#,
    );
    assert_eq!(
        (r.account, r.region),
        (None, None),
        "a local zone is no region"
    );
    let r = resource(
        "google_storage_bucket",
        r#"{"id":"b","name":"b","project":"p1","self_link":"https://www.googleapis.com/storage/v1/b/b"}"#,
    );
    assert_eq!(r.account.as_deref(), Some("p1"));
    assert_eq!(r.names.len(), 2);
    let r = resource(
        "aws_db_snapshot",
        r#"{"id":"s","db_snapshot_arn":"arn:aws:rds:eu-west-1:111122223333:snapshot:s"}"#,
    );
    assert_eq!(
        r.arn.as_deref(),
        Some("arn:aws:rds:eu-west-1:111122223333:snapshot:s")
    );
    let r = resource(
        "aws_sns_topic",
        r#"{"id":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
    );
    assert_eq!(
        r.arn.as_deref(),
        Some("arn:aws:sns:eu-west-1:111122223333:t"),
        "the id is the ARN"
    );
    let r = resource(
        "aws_iam_account_password_policy",
        r#"{"id":"iam-account-password-policy"}"#,
    );
    assert_eq!(r.id.as_deref(), Some("iam-account-password-policy"));
}

#[test]
fn files_that_are_no_state() {
    for (bytes, part) in [
        (&b"{\"version\": 4, \"resources\": ["[..], "cannot be read"),
        (b"<html>", "cannot be read"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b"{\"version\": 4, \"lineage\": \"\xff\"}", "cannot be read"),
        (b"[]", "not an object"),
        (b"{}", "no `version`"),
        (b"{\"version\": \"x\"}", "not a Terraform state"),
        (
            b"{\"version\": 4, \"resources\": {}}",
            "not a Terraform state",
        ),
        (b"{\"version\": 3, \"modules\": []}", "version 3"),
        (b"{\"version\": 5, \"resources\": []}", "version 5"),
        (
            b"{\"version\": 3, \"backend\": {\"type\": \"s3\", \"config\": {}}}",
            "`s3` backend",
        ),
        (
            b"{\"serial\": 1, \"meta\": {}, \"encrypted_data\": \"x\"}",
            "encrypted",
        ),
    ] {
        let e = error(bytes);
        assert!(e.starts_with("dir/s.tfstate: "), "{e}");
        assert!(e.contains(part), "{e} should say {part}");
    }
    let bomb = format!(
        "{{\"version\":4,\"resources\":[{}",
        "{\"a\":[".repeat(100_000)
    );
    assert!(error(bomb.as_bytes()).contains("cannot be read"));
    for end in 0..V4.len() {
        let cut = State::read("x", &V4.as_bytes()[..end], None);
        assert_eq!(cut.is_ok(), end == 0, "cut at {end}");
    }
}

#[test]
fn empty_states() {
    for text in [
        "",
        "  \n",
        "\u{feff}",
        r#"{"version":4,"resources":[]}"#,
        r#"{"version":4}"#,
        r#"{"format_version":"1.0"}"#,
        r#"{"format_version":"1.0","values":{}}"#,
    ] {
        assert!(state(text).is_empty(), "{text:?}");
    }
}

#[test]
fn one_odd_resource_does_not_spoil_the_rest() {
    let s = state(
        r#"{"version":4,"resources":[
          {"mode":"managed","type":7,"name":"x"},
          {"mode":"managed","type":"aws_sqs_queue","name":"x","module":"no.module","instances":[{}]},
          {"mode":"managed","type":"aws_sqs_queue","name":"y","instances":[{"index_key":true,"attributes":{}}]},
          {"mode":"managed","type":"aws_sqs_queue","name":"z","instances":[{"attributes":null},{"attributes":{"id":7,"arn":["x"],"name":{"a":1},"region":null,"project":true,"account_id":1.5}}]}
        ]}"#,
    );
    assert_eq!(s.resources.len(), 2);
    assert_eq!(s.resources[1].id.as_deref(), Some("7"));
    assert_eq!(s.resources[1].arn, None);
    assert_eq!(s.problems.len(), 3, "{:?}", s.problems);
    assert!(
        s.problems[0].starts_with("s.tfstate: resource 1: "),
        "{}",
        s.problems[0]
    );
}

// --- the index ---

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Code of two functions: whether a root has a block, and how a root calls an object. Counts the questions.
struct Asked<H, N> {
    has: H,
    name: N,
    roots: Vec<RepoPath>,
    blocks: Vec<BlockAddress>,
    questions: [std::sync::atomic::AtomicUsize; 3],
}

impl<H, N> Asked<H, N>
where
    H: Fn(&RepoPath, &BlockAddress) -> bool + Sync,
    N: Fn(&RepoPath, &StateResource) -> Option<String> + Sync,
{
    fn new(states: &[State], roots: &[Root], has: H, name: N) -> Self {
        let mut blocks: Vec<BlockAddress> = states
            .iter()
            .flat_map(|s| s.resources.iter().map(|r| r.address.block()))
            .collect();
        blocks.sort();
        blocks.dedup();
        Self {
            has,
            name,
            roots: roots.iter().map(|r| r.dir.clone()).collect(),
            blocks,
            questions: Default::default(),
        }
    }

    fn questions(&self) -> [usize; 3] {
        self.questions
            .each_ref()
            .map(|n| n.load(std::sync::atomic::Ordering::Relaxed))
    }

    fn asked(&self, what: usize) {
        self.questions[what].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

impl<H, N> Code for Asked<H, N>
where
    H: Fn(&RepoPath, &BlockAddress) -> bool + Sync,
    N: Fn(&RepoPath, &StateResource) -> Option<String> + Sync,
{
    fn has(&self, root: &RepoPath, instance: &Address) -> bool {
        self.asked(0);
        (self.has)(root, &instance.block())
    }

    fn blocks(&self, kind: &str) -> Vec<(RepoPath, BlockAddress)> {
        self.asked(1);
        let of_kind = self.blocks.iter().filter(|b| b.kind == kind);
        of_kind
            .flat_map(|b| self.roots.iter().map(move |root| (root.clone(), b.clone())))
            .filter(|(root, block)| (self.has)(root, block))
            .collect()
    }

    fn name(&self, root: &RepoPath, resource: &StateResource) -> Option<String> {
        self.asked(2);
        (self.name)(root, resource)
    }
}

fn root(dir: &str) -> Root {
    Root {
        dir: path(dir),
        bucket: None,
        key: None,
    }
}

fn indexed(
    states: Vec<State>,
    roots: &[Root],
    has: impl Fn(&RepoPath, &BlockAddress) -> bool + Sync,
    name: impl Fn(&RepoPath, &StateResource) -> Option<String> + Sync,
) -> StateIndex {
    let code = Asked::new(&states, roots, has, name);
    StateIndex::new(states, roots, &code)
}

fn index(states: Vec<State>) -> StateIndex {
    indexed(states, &[root("a"), root("b")], |_, _| false, |_, _| None)
}

fn in_root(json: &str, name: &str, root: &str) -> State {
    State::read(name, json.as_bytes(), Some(path(root))).unwrap()
}

fn found(index: &StateIndex, kind: &str, id: &str) -> Vec<(String, bool)> {
    let sought = identity::of(kind).unwrap().read(id).unwrap();
    index
        .find(kind, &sought)
        .iter()
        .map(|hit| (hit.resource.address.to_string(), hit.proved))
        .collect()
}

fn with(resources: &[(&str, &str, &str)]) -> StateIndex {
    let json: Vec<String> = resources
        .iter()
        .map(|(kind, name, attributes)| {
            format!(r#"{{"mode":"managed","type":"{kind}","name":"{name}","instances":[{{"attributes":{attributes}}}]}}"#)
        })
        .collect();
    index(vec![in_root(
        &format!(r#"{{"version":4,"resources":[{}]}}"#, json.join(",")),
        "a/s",
        "a",
    )])
}

#[test]
fn finds_by_arn_id_and_name() {
    let i = index(vec![in_root(V4, "a/s", "a")]);
    let us = vec![(
        "module.logs[\"a.b\"].aws_s3_bucket.this[\"us\"]".to_owned(),
        true,
    )];
    assert_eq!(found(&i, "aws_s3_bucket", "arn:aws:s3:::logs-us"), us);
    assert_eq!(found(&i, "aws_s3_bucket", "logs-us"), us);
    for near in [
        "logs",
        "logs-us-2",
        "arn:aws:s3:::logs-u",
        "arn:aws-cn:s3:::logs-us",
        "old",
        "read",
    ] {
        assert_eq!(found(&i, "aws_s3_bucket", near), [], "{near}");
    }
    let crm = vec![("aws_db_instance.crm[0]".to_owned(), true)];
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        crm
    );
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:999922223333:db:crm"
        ),
        [],
        "another account's database of that name"
    );
    assert_eq!(
        found(
            &i,
            "aws_rds_cluster_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        [],
        "another type"
    );
    assert_eq!(
        i.holders("arn:aws:rds:eu-west-1:111122223333:db:crm").len(),
        1
    );
    assert_eq!(i.holders("arn:aws:rds:eu-west-1:111122223333:db:cr"), []);
    assert_eq!(i.of_root(&path("a")).count(), 1);
    assert_eq!(i.of_root(&path("b")).count(), 0);
}

#[test]
fn a_name_counts_only_in_its_account_and_region() {
    let i = with(&[
        (
            "aws_db_instance",
            "bare",
            r#"{"id":"crm","identifier":"crm"}"#,
        ),
        (
            "aws_sns_topic",
            "t",
            r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
        ),
    ]);
    let bare = |proved| vec![("aws_db_instance.bare".to_owned(), proved)];
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        bare(true),
        "the rest of the state says which account it is"
    );
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-2:111122223333:db:crm"
        ),
        []
    );
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:999922223333:db:crm"
        ),
        []
    );
    assert_eq!(found(&i, "aws_db_instance", "crm"), bare(false));
    let lone = with(&[(
        "aws_db_instance",
        "bare",
        r#"{"id":"crm","identifier":"crm"}"#,
    )]);
    assert_eq!(
        found(
            &lone,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        bare(false)
    );
    let two = with(&[
        (
            "aws_iam_role",
            "r",
            r#"{"arn":"arn:aws:iam::111122223333:role/r"}"#,
        ),
        (
            "aws_iam_role",
            "q",
            r#"{"arn":"arn:aws:iam::999922223333:role/q"}"#,
        ),
        ("aws_iam_user", "u", r#"{"id":"u","name":"u"}"#),
    ]);
    assert_eq!(
        found(&two, "aws_iam_user", "arn:aws:iam::111122223333:user/u"),
        [("aws_iam_user.u".to_owned(), false)],
        "two accounts in one state prove none"
    );
}

#[test]
fn ids_and_parts() {
    let i = with(&[
        (
            "aws_security_group",
            "g",
            r#"{"id":"sg-1","name":"web","arn":"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}"#,
        ),
        (
            "aws_security_group_rule",
            "r1",
            r#"{"id":"sgrule-1","security_group_id":"sg-1"}"#,
        ),
        (
            "aws_security_group_rule",
            "r2",
            r#"{"id":"sgrule-2","security_group_id":"sg-2"}"#,
        ),
        ("aws_iam_access_key", "k", r#"{"id":"AKIA1","user":"bob"}"#),
        (
            "aws_iam_user",
            "bob",
            r#"{"id":"bob","name":"bob","arn":"arn:aws:iam::111122223333:user/bob"}"#,
        ),
        (
            "aws_alb",
            "front",
            r#"{"arn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/5","name":"front"}"#,
        ),
        (
            "aws_sqs_queue",
            "q",
            r#"{"id":"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"}"#,
        ),
    ]);
    let g = vec![("aws_security_group.g".to_owned(), true)];
    assert_eq!(found(&i, "aws_security_group", "sg-1"), g);
    assert_eq!(
        found(
            &i,
            "aws_security_group",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"
        ),
        g
    );
    assert_eq!(found(&i, "aws_security_group", "sg-11"), []);
    assert_eq!(
        found(&i, "aws_security_group", "web"),
        [("aws_security_group.g".to_owned(), false)],
        "a group's name is unique only in its VPC"
    );
    assert_eq!(
        found(&i, "aws_iam_access_key", "AKIA1"),
        [("aws_iam_access_key.k".to_owned(), true)]
    );
    assert_eq!(
        found(
            &i,
            "aws_lb",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/5"
        ),
        [("aws_alb.front".to_owned(), true)]
    );
    assert_eq!(
        found(
            &i,
            "aws_sqs_queue",
            "arn:aws:sqs:eu-west-1:111122223333:jobs"
        ),
        [("aws_sqs_queue.q".to_owned(), true)]
    );
    let parts = |kind: &str, owner: &str, id: &str| -> Vec<(String, bool)> {
        let sought = identity::of(owner).unwrap().read(id).unwrap();
        i.find_parts(kind, &sought)
            .iter()
            .map(|hit| (hit.resource.address.to_string(), hit.proved))
            .collect()
    };
    assert_eq!(
        parts("aws_security_group_rule", "aws_security_group", "sg-1"),
        [("aws_security_group_rule.r1".to_owned(), true)]
    );
    assert_eq!(
        parts(
            "aws_iam_access_key",
            "aws_iam_user",
            "arn:aws:iam::111122223333:user/bob"
        ),
        [("aws_iam_access_key.k".to_owned(), true)]
    );
    assert_eq!(
        parts(
            "aws_iam_access_key",
            "aws_iam_user",
            "arn:aws:iam::999922223333:user/bob"
        ),
        []
    );
    assert_eq!(parts("aws_iam_role", "aws_iam_user", "bob"), []);
}

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
fn types_without_a_row_are_found_by_arn_or_id_alone() {
    let i = with(&[(
        "aws_new_thing",
        "t",
        r#"{"id":"thing-1","arn":"arn:aws:new:eu-west-1:111122223333:thing/1","name":"n"}"#,
    )]);
    let ask = |arn: Option<&str>, id: Option<&str>| {
        i.find(
            "aws_new_thing",
            &identity::Sought {
                arn: arn.map(str::to_owned),
                id: id.map(str::to_owned),
                ..identity::Sought::default()
            },
        )
        .len()
    };
    assert_eq!(
        ask(Some("arn:aws:new:eu-west-1:111122223333:thing/1"), None),
        1
    );
    assert_eq!(ask(None, Some("thing-1")), 1);
    assert_eq!(ask(None, Some("thing-2")), 0);
    assert_eq!(ask(None, Some("n")), 0);
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

#[test]
fn a_workspace_is_told_by_the_name() {
    for (name, workspace) in [
        (
            "live/terraform.tfstate.d/dev/terraform.tfstate",
            Some("dev"),
        ),
        ("s3://states/env:/prod/live/app.tfstate", Some("prod")),
        ("down\\env:\\prod\\app.tfstate", Some("prod")),
        ("live/terraform.tfstate", None),
        ("live/terraform.tfstate.d/x.tfstate", None),
        ("env:/x", None),
        ("env/prod/x.tfstate", None),
    ] {
        let state = State::read(name, b"", None).unwrap();
        assert_eq!(state.workspace.as_deref(), workspace, "{name}");
    }
}

#[test]
fn what_was_made_along_is_kept_by_its_id_alone() {
    let vpc = resource(
        "aws_vpc",
        r#"{"id":"vpc-1","default_security_group_id":"sg-1","default_network_acl_id":"","default_route_table_id":null}"#,
    );
    let made: Vec<(&str, &str)> = vpc
        .made
        .iter()
        .map(|m| (m.kind.as_ref(), m.id.as_str()))
        .collect();
    assert_eq!(made, [("aws_default_security_group", "sg-1")]);
    let web = resource(
        "aws_instance",
        r#"{"id":"i-1","root_block_device":[{"volume_id":"vol-1","kms_key_id":"secret"}],"ebs_block_device":[{"volume_id":"vol-2"},{"volume_id":"vol-3"},{}]}"#,
    );
    let made: Vec<&str> = web.made.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(made, ["vol-1", "vol-2", "vol-3"]);
    assert!(!format!("{web:?}").contains("secret"));
    for odd in [
        r#"{"id":"i-1","root_block_device":null}"#,
        r#"{"id":"i-1","root_block_device":"vol-1"}"#,
        r#"{"id":"i-1","root_block_device":[["vol-1"]]}"#,
        r#"{"id":"i-1","root_block_device":{"volume_id":"vol-1"}}"#,
    ] {
        assert_eq!(resource("aws_instance", odd).made, [], "{odd}");
    }
    let hidden = r#"{"version":4,"resources":[{"mode":"managed","type":"aws_instance","name":"x","instances":[{"attributes":{"id":"i-1","root_block_device":[{"volume_id":"vol-1"}]},"sensitive_attributes":[[{"type":"get_attr","value":"root_block_device"}]]}]}]}"#;
    assert_eq!(state(hidden).resources[0].made, []);
}

#[test]
fn an_object_that_another_made_is_found_by_its_id() {
    let i = with(&[(
        "aws_vpc",
        "main",
        r#"{"id":"vpc-1","default_security_group_id":"sg-1"}"#,
    )]);
    let makers = i.makers("sg-1");
    assert_eq!(makers.len(), 1);
    assert_eq!(makers[0].0.resource.address.to_string(), "aws_vpc.main");
    assert_eq!(makers[0].1.attribute, "default_security_group_id");
    assert!(i.makers("sg-2").is_empty());
    assert!(i.makers("vpc-1").is_empty());
}

#[test]
fn an_iam_object_is_found_by_its_unique_id() {
    let i = with(&[(
        "aws_iam_role",
        "app",
        r#"{"id":"app","name":"app","unique_id":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/app"}"#,
    )]);
    assert_eq!(
        found(&i, "aws_iam_role", "AROAEXAMPLE"),
        [("aws_iam_role.app".to_owned(), false)]
    );
}
