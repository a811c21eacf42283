use super::*;
use crate::terraform::address::BlockAddress;
use crate::terraform::identity;

mod finding;
mod reading;
mod roots;

fn state(json: &str) -> State {
    State::read("s.tfstate", json.as_bytes(), None).unwrap()
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

fn resource(kind: &str, attributes: &str) -> StateResource {
    let json = format!(
        r#"{{"version":4,"resources":[{{"mode":"managed","type":"{kind}","name":"x","instances":[{{"attributes":{attributes}}}]}}]}}"#
    );
    let mut state = state(&json);
    assert_eq!(state.problems, Vec::<String>::new());
    state.resources.remove(0)
}

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
