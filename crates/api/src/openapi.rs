//! The OpenAPI document, made from the handlers; what every operation shares is added here once.

use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, License, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    ResponseBuilder, Type,
};

use crate::problem::{FieldDocument, MEDIA_TYPE, ProblemDocument};

/// The bytes of a file, as the document names a body that is one.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "stands for bytes that handlers stream")]
pub(crate) struct FileBytes(Vec<u8>);

/// The document before the handlers add their paths.
pub(crate) fn base() -> OpenApi {
    let mut info = InfoBuilder::new()
        .title("Vokasi")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The register of vocational training classes that prepare people to work abroad. \
             Errors are problem documents (RFC 9457) with a stable code; lists are keyset pages.",
        ))
        .build();
    info.license = Some(License::new("MIT OR Apache-2.0"));
    let mut components = Components::new();
    components.add_security_scheme(
        "access_token",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
    );
    components.schemas.insert(ProblemDocument::name().into_owned(), ProblemDocument::schema());
    components.schemas.insert(FieldDocument::name().into_owned(), FieldDocument::schema());
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Adds to every operation what all of them share: how to sign in, the headers of a change, the failures.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let name = path.trim_start_matches("/api/v1/").replace(['{', '}'], "").replace(['/', '-', '.'], "_");
        for (method, operation) in [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ] {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{name}"));
                // A thing under a name of its content, such as a fingerprint, is put there as it is, new or not.
                share(operation, method, path.ends_with("{id}"));
            }
        }
    }
    document
}

fn share(operation: &mut Operation, method: &str, one_thing: bool) {
    let open =
        operation.security.as_ref().is_some_and(|list| list.iter().all(|one| *one == SecurityRequirement::default()));
    if !open {
        operation.security = Some(vec![SecurityRequirement::new("access_token", Vec::<String>::new())]);
    }
    let responses = &mut operation.responses.responses;
    if responses.contains_key("201") {
        add_header(operation, "Idempotency-Key", "A key of your own; a repeat with it gets the first answer again.");
    } else if method == "patch" || (method == "put" && one_thing) {
        add_header(operation, "If-Match", "The ETag of your last read.");
    }
    let responses = &mut operation.responses.responses;
    let problem = |text: &str| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemDocument::name()))).build();
        RefOr::T(ResponseBuilder::new().description(text).content(MEDIA_TYPE, content).build())
    };
    let mut add = |status: &str, text: &str| {
        responses.entry(status.to_owned()).or_insert_with(|| problem(text));
    };
    if !open {
        add("401", "Not signed in.");
        add("403", "The role does not allow it.");
    }
    add("404", "Not there for this caller.");
    if method != "get" {
        add("409", "A rule or a state says no.");
        add("412", "Changed since it was read.");
        add("422", "Some fields are wrong.");
    }
    add("default", "Any other failure.");
}

fn add_header(operation: &mut Operation, name: &str, text: &str) {
    let parameter: Parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(text))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build();
    operation.parameters.get_or_insert_with(Vec::new).push(RefOr::T(parameter));
}
