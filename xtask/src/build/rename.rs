//! Short names between the page's module and its script: wasm-opt shortens those of the module, this those of the script.
//!
//! wasm-bindgen's names are long and end in a hash each, which compresses badly: they are 3 % of the download.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What wasm-opt prints about the names that it shortened.
#[derive(Deserialize)]
pub(super) struct Names {
    /// Module, name and short name.
    imports: Vec<(String, String, String)>,
    /// Name and short name.
    exports: Vec<(String, String)>,
}

/// The module that every import comes from once names are short.
const SHORT_MODULE: &str = "a";

impl Names {
    /// The names as wasm-opt printed them, among other things.
    pub(super) fn printed(printed: &str) -> Result<Self> {
        let json = printed.find('{').zip(printed.rfind('}')).and_then(|(start, end)| printed.get(start..=end));
        serde_json::from_str(json.context("wasm-opt printed no names")?)
            .context("wasm-opt printed its names in another form")
    }

    /// The script of wasm-bindgen with short names.
    pub(super) fn shorten(&self, script: &str) -> Result<String> {
        let mut script = script.to_owned();
        for (module, name, short) in &self.imports {
            script = script.replace(&format!("\"{module}\": "), &format!("\"{SHORT_MODULE}\": "));
            let key = format!(" {name}: ");
            if script.matches(&key).count() != 1 {
                bail!("the script does not have the import {name} just once");
            }
            script = script.replace(&key, &format!(" {short:?}: "));
        }
        Ok(self.shorten_exports(&script))
    }

    /// A script that only uses what the module exports, with short names.
    pub(super) fn shorten_exports(&self, script: &str) -> String {
        self.exports.iter().fold(script.to_owned(), |script, (name, short)| {
            replace_word(&script, &format!("wasm.{name}"), &format!("wasm[{short:?}]"))
        })
    }
}

/// Replaces a word where nothing goes on that would make it another one.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        replaced.push_str(before);
        replaced.push_str(if goes_on(after) { word } else { by });
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "const import0 = {\n    __wbg_set_1f: function(a) { wasm.__free(a); wasm.__free_all(a); },\n};\n\
                          return {\n    \"./x_bg.js\": import0,\n};\nwasm.memory.buffer";

    #[test]
    fn names_are_short_on_both_sides() {
        let printed = "a word before\n{ \"imports\": [[\"./x_bg.js\", \"__wbg_set_1f\", \"$\"]], \
                       \"exports\": [[\"__free\", \"b\"], [\"memory\", \"c\"], [\"unused\", \"d\"]] }\n";
        let expected = "const import0 = {\n    \"$\": function(a) { wasm[\"b\"](a); wasm.__free_all(a); },\n};\n\
                        return {\n    \"a\": import0,\n};\nwasm[\"c\"].buffer";
        let names = Names::printed(printed).expect("names were printed");
        assert_eq!(names.shorten(SCRIPT).expect("every import is in the script"), expected);
        let expected = "w.wasm[\"b\"](1); wasm.__free_all";
        assert_eq!(names.shorten_exports("w.wasm.__free(1); wasm.__free_all"), expected);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for (printed, reason) in [
            ("", "nothing was printed"),
            ("{}", "no names"),
            ("{ \"imports\": [[\"./x_bg.js\", \"__wbg_other\", \"$\"]], \"exports\": [] }", "not in the script"),
        ] {
            let shortened = Names::printed(printed).and_then(|names| names.shorten(SCRIPT));
            assert!(shortened.is_err(), "{reason}");
        }
    }
}
