//! A descriptor set as lines of text: `spile.v1.TailRequest.limit = 5 uint64`, in the order of declaration.

use std::fmt::Write as _;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
    ServiceDescriptorProto,
};

/// The contract, one line for each thing that a client can depend on.
pub(super) fn render(descriptors: &FileDescriptorSet) -> String {
    let mut out = String::from(
        "# The wire contract, guarded by a test; grows by `cargo xtask codegen --accept-contract`.\n",
    );
    for file in &descriptors.file {
        let package = file.package();
        file.service.iter().for_each(|service| render_service(&mut out, package, service));
        file.message_type.iter().for_each(|message| render_message(&mut out, package, message));
        file.enum_type.iter().for_each(|values| render_enum(&mut out, package, values));
    }
    out
}

fn render_service(out: &mut String, scope: &str, service: &ServiceDescriptorProto) {
    let scope = format!("{scope}.{}", service.name());
    for method in &service.method {
        line(out, &scope, method.name(), &signature(method));
    }
}

fn render_message(out: &mut String, scope: &str, message: &DescriptorProto) {
    let scope = format!("{scope}.{}", message.name());
    // An empty message is something to depend on too.
    writeln!(out, "{scope} = message").expect("a String takes all text");
    for field in &message.field {
        line(out, &scope, field.name(), &field_definition(field, message));
    }
    message.nested_type.iter().for_each(|nested| render_message(out, &scope, nested));
    message.enum_type.iter().for_each(|values| render_enum(out, &scope, values));
}

fn render_enum(out: &mut String, scope: &str, values: &EnumDescriptorProto) {
    let scope = format!("{scope}.{}", values.name());
    for value in &values.value {
        line(out, &scope, value.name(), &value.number().to_string());
    }
}

fn line(out: &mut String, scope: &str, name: &str, definition: &str) {
    writeln!(out, "{scope}.{name} = {definition}").expect("a String takes all text");
}

fn signature(method: &MethodDescriptorProto) -> String {
    let side = |streaming: bool, name: &str| {
        format!("({}{})", if streaming { "stream " } else { "" }, name.trim_start_matches('.'))
    };
    let takes = side(method.client_streaming(), method.input_type());
    let returns = side(method.server_streaming(), method.output_type());
    format!("rpc {takes} returns {returns}")
}

fn field_definition(field: &FieldDescriptorProto, message: &DescriptorProto) -> String {
    let label = match field.label() {
        Label::Repeated => "repeated ",
        Label::Optional if field.proto3_optional() => "optional ",
        Label::Optional | Label::Required => "",
    };
    let oneof = match field.oneof_index {
        Some(index) if !field.proto3_optional() => {
            let index = usize::try_from(index).expect("the compiler numbers oneofs from 0");
            format!(" oneof {}", message.oneof_decl[index].name())
        }
        _ => String::new(),
    };
    format!("{} {label}{}{oneof}", field.number(), type_name(field))
}

fn type_name(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum | Type::Group => field.type_name().trim_start_matches('.').to_owned(),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    }
}
