//! The source files, parsed, and told apart into production code and tests.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::{process, workspace};

/// A Rust file of the workspace.
pub(super) struct Source {
    /// Relative to the workspace root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The whole file.
    pub(super) syntax: syn::File,
    /// Whether the file as a whole is compiled for tests or benchmarks only.
    pub(super) is_test: bool,
}

/// Every file that git keeps or would keep, without generated code; relative to the root, in order.
pub(super) fn files() -> Vec<String> {
    let root = workspace::root();
    let mut git = Command::new("git");
    git.current_dir(&root).args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
    let listed = process::output(&mut git).expect("these checks run in a git checkout");
    let mut files: Vec<_> = listed.split_terminator('\0').map(str::to_owned).collect();
    files.retain(|path| !path.split('/').any(|part| part == "generated") && root.join(path).is_file());
    files.sort();
    files
}

/// Every Rust file of the workspace that is written by hand.
pub(super) fn rust() -> Vec<Source> {
    let root = workspace::root();
    let mut sources: Vec<_> = files()
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
            Source { is_test: is_test_by_place(&path), path, text, syntax }
        })
        .collect();
    assert!(sources.len() > 20, "the workspace's sources have been found");
    let tests: BTreeSet<_> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        let stem = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
        source.is_test |= tests.iter().any(|test| stem == test || stem.starts_with(&format!("{test}/")));
    }
    sources
}

/// `tests/` is the package of integration tests; packages have `tests/` and `benches/` of their own.
fn is_test_by_place(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples" | "tests.rs"))
}

/// The places, without `.rs`, of the modules that a file declares for tests only.
fn test_modules(source: &Source) -> Vec<String> {
    let (dir, name) = source.path.rsplit_once('/').unwrap();
    let below = match name {
        "lib.rs" | "main.rs" | "mod.rs" => dir.to_owned(),
        name => format!("{dir}/{}", name.trim_end_matches(".rs")),
    };
    let modules = source.syntax.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_none() => Some(module),
        _ => None,
    });
    modules
        .filter(|module| is_cfg_test(&module.attrs))
        .map(|module| format!("{below}/{}", module.ident))
        .collect()
}

/// Whether an item is compiled for tests only.
pub(super) fn is_cfg_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        attr.path().is_ident("cfg")
            && attr.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl Source {
    /// The crate's folder: `crates/spile-engine`, `xtask`, `tests`.
    pub(super) fn package(&self) -> &str {
        let parts = if self.path.starts_with("crates/") { 2 } else { 1 };
        let end = self.path.match_indices('/').nth(parts - 1).map_or(self.path.len(), |(at, _)| at);
        &self.path[..end]
    }

    /// The items that are not for tests only; none in a test file.
    pub(super) fn production(&self) -> impl Iterator<Item = &syn::Item> {
        let items = if self.is_test { &[][..] } else { &self.syntax.items[..] };
        items.iter().filter(|item| !is_cfg_test(attributes(item)))
    }

    /// The tokens of all production code, what stands in macro calls included, written with one space between them.
    pub(super) fn production_tokens(&self) -> String {
        let mut words = Vec::new();
        self.production().for_each(|item| flatten(item.to_token_stream(), &mut words));
        words.join(" ")
    }

    /// The tokens of the whole file, in the same form.
    pub(super) fn tokens(&self) -> String {
        let mut words = Vec::new();
        flatten(self.syntax.to_token_stream(), &mut words);
        words.join(" ")
    }

    /// How many lines of production code the file has, comments between them included.
    pub(super) fn production_lines(&self) -> usize {
        self.production().map(lines).sum()
    }

    /// Every function outside of test code: its name and how many lines it has.
    pub(super) fn functions(&self) -> Vec<(String, usize)> {
        let mut functions = Functions::default();
        self.production().for_each(|item| functions.visit_item(item));
        functions.found
    }
}

/// Writes every token as a word; comments and the inside of literals count for nothing.
fn flatten(stream: TokenStream, words: &mut Vec<String>) {
    for token in stream {
        match token {
            TokenTree::Group(group) => flatten(group.stream(), words),
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Punct(punct) => words.push(punct.as_char().to_string()),
            TokenTree::Literal(_) => {}
        }
    }
}

fn lines(item: &impl Spanned) -> usize {
    let span = item.span();
    span.end().line + 1 - span.start().line
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        _ => &[],
    }
}

#[derive(Default)]
struct Functions {
    found: Vec<(String, usize)>,
}

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line + 1 - signature.span().start().line;
        self.found.push((signature.ident.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}
