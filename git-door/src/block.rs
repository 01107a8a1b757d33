//! Settings of ours in a file of the user's: one block at the end of it for each part of a host, so that they come after all
//! others of that file, and can be taken away again to the letter.

use std::fmt::Write as _;
use std::process::Command;

use crate::ask::text_of;
use crate::host::Host;

const BEGIN: &str = "# begin git-credential-raxx ";
const END: &str = "# end git-credential-raxx ";

/// A file's text, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// What is not ours.
    pub others: String,
    /// Ours, by the URL that each is for.
    pub ours: Vec<(String, String)>,
}

impl Blocks {
    /// Takes a file's text apart. A block whose end is missing is none: who cut it off may have put in something else.
    pub fn parse(text: &str) -> Self {
        let mut blocks = Self {
            others: String::new(),
            ours: vec![],
        };
        let mut rest = text;
        while let Some((url, from, to)) = next(rest) {
            blocks.others.push_str(rest.get(..from).unwrap_or_default());
            blocks
                .ours
                .push((url, rest.get(from..to).unwrap_or_default().to_owned()));
            rest = rest.get(to..).unwrap_or_default();
        }
        blocks.others.push_str(rest);
        blocks
    }

    /// Puts a block in the place of the one for the same URL.
    pub fn put(&mut self, url: &str, block: String) {
        self.ours.retain(|(own, _)| own != url);
        self.ours.push((url.to_owned(), block));
        // git takes the helpers of all that match in the order of the file: what is for less comes last.
        self.ours.sort_by_key(|(url, _)| url.len());
    }

    /// The file's text: ours after all others.
    pub fn text(&self) -> String {
        let mut text = self.others.clone();
        if !text.is_empty() && !text.ends_with('\n') && !self.ours.is_empty() {
            text.push('\n');
        }
        text.extend(self.ours.iter().map(|(_, block)| block.as_str()));
        text
    }
}

/// The next block: for which URL, from where and to where.
fn next(text: &str) -> Option<(String, usize, usize)> {
    let lines = text.match_indices(BEGIN).map(|(at, _)| at);
    let begins: Vec<_> = lines.filter(|at| is_start_of_line(text, *at)).collect();
    begins.iter().enumerate().find_map(|(index, &from)| {
        // No block holds another: where one begins, the one before it has lost its end.
        let limit = begins.get(index + 1).copied().unwrap_or(text.len());
        let block = text.get(from..limit)?;
        let url = block.get(BEGIN.len()..)?.lines().next()?.trim_end();
        let end = block
            .find(&format!("\n{END}{url}\n"))
            .map(|at| at + 1 + END.len() + url.len() + 1)?;
        Some((url.to_owned(), from, from + end))
    })
}

fn is_start_of_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

/// A block for the repositories below `path` of a host, or for all of it: `helper` is asked and nobody else, before the first
/// request where git can, and neither netrc, headers nor cookies of the whole host are sent.
pub fn of(host: &str, path: &str, helper: &str, with_path: bool) -> (String, String) {
    let url = format!("https://{host}/{path}");
    let mut text = format!(
        "{BEGIN}{url}\n# Written by `git-credential-raxx install`, taken away by `git-credential-raxx uninstall`.\n"
    );
    let mut section = |kind: &str, url: &str, settings: &[(&str, &str)]| {
        let _ = writeln!(text, "[{kind} {}]", in_quotes(url));
        for (name, value) in settings {
            let _ = writeln!(text, "\t{name} = {}", in_quotes(value));
        }
    };
    // git compares whole names between slashes: OWNER/NAME.git is another than OWNER/NAME.
    let is_repository = path.contains('/');
    let urls = [Some(url.clone()), is_repository.then(|| format!("{url}.git"))];
    for url in urls.iter().flatten() {
        let mut settings = vec![("helper", ""), ("helper", helper)];
        if with_path {
            settings.push(("useHttpPath", "true"));
        }
        section("credential", url, &settings);
        let settings = [
            // From 2.46 on git asks the helper at once; before that it at least looks into no netrc.
            ("proactiveAuth", "basic"),
            ("emptyAuth", "true"),
            ("extraHeader", ""),
            ("cookieFile", ""),
            ("saveCookies", "false"),
        ];
        section("http", url, &settings);
    }
    let end = match (path.is_empty(), is_repository) {
        (true, _) => "",
        (_, false) => "/",
        // Without it NAME would be the beginning of other names too.
        (_, true) => ".git",
    };
    let forms = Host(host).other_forms();
    let forms: Vec<_> = forms.iter().map(|form| format!("{form}{path}{end}")).collect();
    let forms: Vec<_> = forms.iter().map(|form| ("insteadOf", form.as_str())).collect();
    section("url", &format!("{url}{end}"), &forms);
    let _ = writeln!(text, "{END}{url}");
    (url, text)
}

/// Whether git's settings for the host are those of a block.
pub fn is_in_force(git: &mut Command, host: &str) -> bool {
    let url = format!("https://{host}/");
    text_of(git.args(["config", "--get-urlmatch", "http.emptyAuth", &url])).trim() == "true"
}

/// As git reads a value or a subsection back (git-config(1), "Syntax").
fn in_quotes(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::{Blocks, of};

    #[test]
    fn what_is_put_in_is_last_once_and_can_be_taken_out_to_the_letter() {
        for others in [
            "",
            "[a]\n\tb = c\n",
            "[a]\n\tb = c",
            "# begin git-credential-raxx https://github.com/\n[a]\n",
        ] {
            let mut blocks = Blocks::parse(others);
            assert_eq!(blocks.text(), others);
            let put = |blocks: &mut Blocks, path: &str, helper: &str| {
                let (url, block) = of("github.com", path, helper, false);
                blocks.put(&url, block);
            };
            put(&mut blocks, "Owner", "raxx --bot x");
            put(&mut blocks, "", "raxx --bot \"y\"");
            put(&mut blocks, "", "raxx --bot z");
            // git, or a person, has added something behind it.
            let more = blocks.text() + "[credential]\n\thelper = store\n";
            let mut again = Blocks::parse(&more);
            assert_eq!(again.ours, blocks.ours);
            assert!(
                again
                    .text()
                    .ends_with("# end git-credential-raxx https://github.com/Owner\n")
            );
            assert!(!again.text().contains("\"y\""));
            again.ours.clear();
            let left = again.text();
            let separated = if others.is_empty() || others.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            assert_eq!(left, format!("{others}{separated}[credential]\n\thelper = store\n"));
        }
    }
}
