//! Scripts as they are sent: without comments, and a module together with all that it imports.
//!
//! In: modules as they stand in `web/`, which are written for readers and run as they are. Out: the same program in one
//! answer, so that a page on a slow line waits for one request in place of twenty, each behind the one that names it.
//!
//! Each module becomes a function that is called once, so names of one do not meet those of another:
//!
//! ```text
//! const m1 = (() => { …; return { element, button }; })();
//! const m2 = (() => { const { element } = m1; …; return { Transcript }; })();
//! export const { Transcript } = m2;
//! ```
//!
//! This is not a JavaScript parser. It takes the forms that our modules use - named imports and exports, each beginning a
//! line - and refuses any other by name; `import()` of a module that is there already becomes that module.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

static IMPORT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^import (?:\{ ?([^}]*?) ?\} from )?"\./([\w./-]+)";$"#));
static EXPORT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^export ((?:async )?function|class|const) (\w+)"));
static LATER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\bimport\("\./([\w./-]+)"\)"#));
static NOTE: LazyLock<Regex> = LazyLock::new(|| pattern(r"/\*\*.*?\*/ ?"));

#[expect(clippy::expect_used, reason = "the patterns are constants, which the tests compile")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this file")
}

/// The script without comments that have lines of their own, without notes on types, and without indentation.
/// Inside template literals nothing is touched.
pub fn plain(script: &str) -> String {
    let mut plain = String::with_capacity(script.len());
    let mut is_comment = false;
    let mut is_template = false;
    for line in script.lines() {
        let bare = line.trim();
        if is_comment {
            is_comment = !bare.ends_with("*/");
            continue;
        }
        let was_template = is_template;
        is_template ^= line.matches('`').count() % 2 == 1;
        if was_template {
            plain.push_str(line);
            plain.push('\n');
            continue;
        }
        let opens = bare.starts_with("/*");
        if opens && !bare.contains("*/") {
            is_comment = true;
            continue;
        }
        let kept = NOTE.replace_all(bare, "");
        let kept = kept.trim();
        if !kept.is_empty() && !kept.starts_with("//") {
            plain.push_str(kept);
            plain.push('\n');
        }
    }
    plain
}

/// The module `entry` and all that it imports, as one.
///
/// # Errors
/// Which line of which module is of a form that this does not know, or which module is not there.
pub fn joined(entry: &str, read: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut join = Join { read, places: HashMap::new(), script: String::new() };
    let place = join.add(entry)?;
    let names = join.places.get(entry).map(|module| module.names.join(", ")).unwrap_or_default();
    let mut script = join.script;
    let _ = writeln!(script, "export const {{ {names} }} = m{place};");
    Ok(script)
}

struct Module {
    place: usize,
    /// What it exports.
    names: Vec<String>,
}

struct Join<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    /// The modules that are in the script already.
    places: HashMap<String, Module>,
    script: String,
}

impl Join<'_> {
    /// Puts a module behind all that it imports; its number.
    fn add(&mut self, name: &str) -> Result<usize, String> {
        if let Some(module) = self.places.get(name) {
            return Ok(module.place);
        }
        let text = (self.read)(name).ok_or_else(|| format!("there is no module {name}"))?;
        let text = plain(&text);
        let mut names = Vec::new();
        let mut body = String::with_capacity(text.len());
        for line in text.lines() {
            let unknown = || format!("{name}: cannot be joined: {line}");
            if let Some(import) = IMPORT.captures(line) {
                let place = self.add(import.get(2).map_or("", |path| path.as_str()))?;
                if let Some(wanted) = import.get(1) {
                    let _ = writeln!(
                        body,
                        "const {{ {} }} = m{place};",
                        wanted.as_str().replace(" as ", ": ")
                    );
                }
            } else if let Some(export) = EXPORT.captures(line) {
                names.push(export[2].to_string());
                let declared = line.trim_start_matches("export ");
                body.push_str(&self.with_what_comes_later(declared)?);
                body.push('\n');
            } else if line.starts_with("import ") || line.starts_with("export ") {
                return Err(unknown());
            } else {
                body.push_str(&self.with_what_comes_later(line)?);
                body.push('\n');
            }
        }
        let place = self.places.len() + 1;
        let _ = writeln!(
            self.script,
            "const m{place} = (() => {{\n{body}return {{ {} }};\n}})();",
            names.join(", ")
        );
        self.places.insert(name.to_string(), Module { place, names });
        Ok(place)
    }

    /// The line with each `import("./x.js")` as the module that it stands for.
    fn with_what_comes_later(&mut self, line: &str) -> Result<String, String> {
        let mut whole = String::with_capacity(line.len());
        let mut end = 0;
        for found in LATER.captures_iter(line) {
            let (all, path) = (found.get_match(), &found[1]);
            let _ =
                write!(whole, "{}Promise.resolve(m{})", &line[end..all.start()], self.add(path)?);
            end = all.end();
        }
        whole.push_str(&line[end..]);
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(modules: &[(&str, &str)]) -> Result<String, String> {
        let modules: HashMap<&str, &str> = modules.iter().copied().collect();
        joined("main.js", &|name| modules.get(name).map(ToString::to_string))
    }

    #[test]
    fn a_module_comes_with_all_that_it_imports_each_once_and_in_order() {
        let script = join(&[
            (
                "main.js",
                "import { b } from \"./b.js\";\nimport { a as other } from \"./a.js\";\nexport class Main { x = other(b); }",
            ),
            ("b.js", "import { a } from \"./a.js\";\nexport const b = a;"),
            ("a.js", "/** What it is. */\nexport function a() {\n  return 1; // one\n}"),
        ]);
        let expected = "const m1 = (() => {\nfunction a() {\nreturn 1; // one\n}\nreturn { a };\n})();\n\
            const m2 = (() => {\nconst { a } = m1;\nconst b = a;\nreturn { b };\n})();\n\
            const m3 = (() => {\nconst { b } = m2;\nconst { a: other } = m1;\nclass Main { x = other(b); }\nreturn { Main };\n})();\n\
            export const { Main } = m3;\n";
        assert_eq!(script.as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_loaded_later_is_there_already_and_what_is_chosen_then_is_not() {
        let script = join(&[
            (
                "main.js",
                "export const go = async () => (await import(\"./late.js\")).late;\nimport(`./${name}.js`);",
            ),
            ("late.js", "export const late = 1;"),
        ]);
        let script = script.unwrap();
        assert!(script.contains("(await Promise.resolve(m1)).late"), "{script}");
        assert!(script.contains("import(`./${name}.js`)"), "{script}");
    }

    #[test]
    fn a_form_that_it_does_not_know_is_named() {
        for line in [
            "import all from \"./a.js\";",
            "export default 1;",
            "export * from \"./a.js\";",
            "export let a = 1;",
        ] {
            let refusal = join(&[("main.js", line)]);
            assert_eq!(refusal, Err(format!("main.js: cannot be joined: {line}")));
        }
        let missing = join(&[("main.js", "import \"./b.js\";")]);
        assert_eq!(missing, Err("there is no module b.js".to_string()));
    }

    #[test]
    fn comments_go_and_texts_stay() {
        let script = "/**\n * A head.\n */\nconst a = /** @type {A} */ (b); // why\n  // alone\n/* one */\n\nconst css = `\n  /* kept */\n  // kept\n`;\n  go();\n";
        let expected =
            "const a = (b); // why\n/* one */\nconst css = `\n  /* kept */\n  // kept\n`;\ngo();\n";
        assert_eq!(plain(script), expected);
    }
}
