//! JSON Schema of a rule file, derived from the structures that read it.
//!
//! HCL's JSON form is described: attributes are properties, a block with a label is an object by label.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value as Json, json};

use super::written::{
    ComplianceFile, ConditionFile, EvidenceFile, Header, InlineFile, OnFile, RemedyFile,
    RollbackFile, SettingFile,
};

/// JSON Schema (draft 2020-12) of a rule file in HCL's JSON form.
#[must_use]
pub fn schema() -> Json {
    let mut generator = SchemaGenerator::default();
    let setting = by_label(object::<SettingFile>(&mut generator, &[]));
    let condition = by_label(object::<ConditionFile>(&mut generator, &[]));
    let inline = object::<InlineFile>(&mut generator, &[("setting", setting.clone())]);
    let evidence = by_label(object::<EvidenceFile>(&mut generator, &[]));
    let on = object::<OnFile>(&mut generator, &[]);
    let remedy = object::<RemedyFile>(
        &mut generator,
        &[
            ("setting", setting),
            ("safe_when", condition.clone()),
            ("require", condition),
            ("evidence", evidence),
            ("on", on),
            ("inline", inline),
        ],
    );
    let rollback = object::<RollbackFile>(&mut generator, &[]);
    let compliance = by_label(object::<ComplianceFile>(&mut generator, &[]));
    let mut top = object::<Header>(
        &mut generator,
        &[
            ("rollback", rollback),
            ("compliance", compliance),
            ("remedy", by_label(one_or_many(remedy))),
        ],
    );
    if let Json::Object(map) = &mut top {
        if let Some(Json::Array(required)) = map.get_mut("required") {
            required.push(json!("rollback"));
            required.push(json!("remedy"));
        }
        map.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        map.insert("title".to_owned(), json!("tfmend rule file"));
        map.insert(
            "$defs".to_owned(),
            Json::Object(generator.take_definitions(true)),
        );
    }
    top
}

/// The schema of `T` with its blocks as further properties.
fn object<T: JsonSchema>(generator: &mut SchemaGenerator, blocks: &[(&str, Json)]) -> Json {
    let mut schema = Json::from(T::json_schema(generator));
    if let Some(Json::Object(properties)) = schema.get_mut("properties") {
        for (name, block) in blocks {
            properties.insert((*name).to_owned(), block.clone());
        }
    }
    schema
}

fn by_label(block: Json) -> Json {
    let mut map = Map::new();
    map.insert("type".to_owned(), json!("object"));
    map.insert("additionalProperties".to_owned(), block);
    Json::Object(map)
}

fn one_or_many(block: Json) -> Json {
    json!({"anyOf": [block.clone(), {"type": "array", "items": block}]})
}
