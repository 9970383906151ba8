// Writes src/generated/ and e2e/generated/ from the descriptors that `cargo xtask codegen` made of proto/: no protoc, no buf.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

const here = dirname(fileURLToPath(import.meta.url));
const DESCRIPTORS = process.env.SPILE_DESCRIPTORS ?? join(here, "../crates/spile-proto/src/generated/descriptors.binpb");

// Only what the viewer calls: a method that it does not use changes nothing in what is built.
const METHODS = ["Tail", "Count", "Histogram", "Context", "ListStreams"];

generate("src/generated", ["spile/v1/record.proto", "spile/v1/read.proto"], METHODS);
generate("e2e/generated", ["spile/v1/record.proto", "spile/v1/write.proto"], ["Append"]);

function generate(folder, wanted, methods) {
  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS));
  prune(file.filter(({ name }) => wanted.includes(name)), methods);
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: wanted,
    parameter: "target=ts,import_extension=none",
    protoFile: file,
  });
  const plugin = join(here, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es");
  const run = spawnSync(process.execPath, [plugin], { input: toBinary(CodeGeneratorRequestSchema, request) });
  if (run.status !== 0) throw new Error(`protoc-gen-es: ${run.stderr}`);
  const response = fromBinary(CodeGeneratorResponseSchema, run.stdout);
  if (response.error) throw new Error(response.error);
  const out = join(here, folder);
  rmSync(out, { recursive: true, force: true });
  for (const { name, content } of response.file) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), content);
  }
}

/** Leaves only the methods that are named, and the messages and enums that they lead to. */
function prune(files, methods) {
  const messages = new Map();
  const name = (file, declared) => `.${file.package}.${declared.name}`;
  for (const file of files) for (const message of file.messageType) messages.set(name(file, message), message);
  const used = new Set();
  const reach = (type) => {
    if (type === "" || used.has(type)) return;
    used.add(type);
    const message = messages.get(type);
    if (message === undefined) return;
    for (const part of [message, ...message.nestedType]) for (const field of part.field) reach(field.typeName);
  };
  for (const service of files.flatMap((file) => file.service)) {
    service.method = service.method.filter((method) => methods.includes(method.name));
    for (const method of service.method) [method.inputType, method.outputType].forEach(reach);
  }
  for (const file of files) {
    file.messageType = file.messageType.filter((message) => used.has(name(file, message)));
    file.enumType = file.enumType.filter((declared) => used.has(name(file, declared)));
    // Comments are found by place, and places have moved.
    file.sourceCodeInfo = undefined;
  }
}
