//! Settings of ours in a file of the user's: one block at the end of it for each part of a host, so that they come after all
//! others of that file, and can be taken away again to the letter.

use std::fmt::Write as _;

use crate::helpers::is_ours;
use crate::host::Host;
use crate::settings::Setting;

const BEGIN: &str = "# begin git-credential-raxx ";
const END: &str = "# end git-credential-raxx ";

/// A block: settings for the repositories below a path of a host, or for all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which URL it is for, such as `https://github.com/MooseQuest`.
    pub url: String,
    /// Section, what is between section and name, name, value.
    settings: Vec<[String; 4]>,
}

impl Block {
    /// `helper` is asked and nobody else, before the first request where git can, and neither netrc, headers nor cookies of the
    /// whole host are sent.
    pub fn new(host: &str, path: &str, helper: &str) -> Self {
        let url = format!("https://{host}/{path}");
        let mut settings = vec![];
        let mut set = |section: &str, url: &str, name: &str, value: &str| {
            settings.push([section, url, name, value].map(str::to_owned));
        };
        // git compares whole names between slashes: OWNER/NAME.git is another than OWNER/NAME.
        let is_repository = path.contains('/');
        let urls = [Some(url.clone()), is_repository.then(|| format!("{url}.git"))];
        for url in urls.iter().flatten() {
            set("credential", url, "helper", "");
            set("credential", url, "helper", helper);
            // What is for a part of the host is found by the path, which git and git-lfs would else keep to themselves.
            set("credential", url, "useHttpPath", "true");
            // From 2.46 on git asks the helper at once; before that it at least looks into no netrc.
            set("http", url, "proactiveAuth", "basic");
            set("http", url, "emptyAuth", "true");
            set("http", url, "extraHeader", "");
            set("http", url, "cookieFile", "");
            set("http", url, "saveCookies", "false");
        }
        // A rewriting knows beginnings only, and NAME is the beginning of other names too.
        if !is_repository {
            let end = if path.is_empty() { "" } else { "/" };
            for form in Host(host).other_forms() {
                set(
                    "url",
                    &format!("{url}{end}"),
                    "insteadOf",
                    &format!("{form}{path}{end}"),
                );
            }
        }
        Self { url, settings }
    }

    /// The path that it is for.
    pub fn path(&self) -> &str {
        let path = self.url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        path.map_or("", |(_, path)| path)
    }

    /// Its lines, but for the comments.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![];
        let mut last = None;
        for [section, url, name, value] in &self.settings {
            if last != Some((section, url)) {
                lines.push(format!("[{section} {}]", in_quotes(url)));
            }
            last = Some((section, url));
            lines.push(format!("\t{name} = {}", in_quotes(value)));
        }
        lines
    }

    fn text(&self) -> String {
        let mut text = format!("{BEGIN}{}\n", self.url);
        text.push_str("# Written by `git-credential-raxx install`, taken away by `git-credential-raxx uninstall`.\n");
        for line in self.lines() {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "{END}{}", self.url);
        text
    }

    /// As git would list it.
    fn settings(&self) -> impl Iterator<Item = Setting> {
        self.settings.iter().map(|[section, url, name, value]| Setting {
            scope: String::new(),
            origin: "git-credential-raxx install".to_owned(),
            key: format!("{section}.{url}.{}", name.to_lowercase()),
            value: value.clone(),
        })
    }
}

/// A file's text, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// What is not ours.
    pub others: String,
    /// Ours.
    pub ours: Vec<Block>,
}

impl Blocks {
    /// Takes a file's text apart. A block whose end is missing is none: who cut it off may have put in something else. What git
    /// has put into a block, as it does with a setting for a section that is there, is not ours.
    pub fn parse(text: &str) -> Self {
        let mut blocks = Self {
            others: String::new(),
            ours: vec![],
        };
        let mut rest = text;
        while let Some((url, from, to)) = next(rest) {
            blocks.others.push_str(rest.get(..from).unwrap_or_default());
            let (block, foreign) = read(&url, rest.get(from..to).unwrap_or_default());
            blocks.ours.push(block);
            blocks.others.push_str(&foreign);
            rest = rest.get(to..).unwrap_or_default();
        }
        blocks.others.push_str(rest);
        blocks
    }

    /// Puts a block in the place of the one for the same URL.
    pub fn put(&mut self, block: Block) {
        self.ours.retain(|own| own.url != block.url);
        self.ours.push(block);
        // git takes the helpers of all that match in the order of the file: what is for less comes last.
        self.ours.sort_by_key(|block| block.url.len());
    }

    /// The file's text: ours after all others.
    pub fn text(&self) -> String {
        let mut text = self.others.clone();
        if !text.is_empty() && !text.ends_with('\n') && !self.ours.is_empty() {
            text.push('\n');
        }
        text.extend(self.ours.iter().map(Block::text));
        text
    }

    /// What git would list, were these blocks at the end of the file of that scope and origin.
    pub fn among(&self, settings: Vec<Setting>, scope: &str, is_file: impl Fn(&str) -> bool) -> Vec<Setting> {
        const ORDER: [&str; 5] = ["system", "global", "local", "worktree", "command"];
        let rank = |scope: &str| ORDER.iter().position(|known| *known == scope);
        let is_ours = |setting: &Setting| {
            is_file(&setting.origin)
                && self.ours.iter().any(|block| {
                    block
                        .settings()
                        .any(|own| own.key == setting.key && own.value == setting.value)
                })
        };
        let (before, after): (Vec<_>, Vec<_>) = settings
            .into_iter()
            .filter(|setting| !is_ours(setting))
            .partition(|setting| rank(&setting.scope) <= rank(scope));
        let ours = self.ours.iter().flat_map(Block::settings);
        before.into_iter().chain(ours).chain(after).collect()
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
        let at = block.find(&format!("\n{END}{url}"))? + 1;
        let line = block.get(at..)?.find('\n').map_or(block.len() - at, |end| end + 1);
        Some((url.to_owned(), from, from + at + line))
    })
}

fn is_start_of_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

/// Takes a block's own text apart: what is ours, and what somebody has put into it.
fn read(url: &str, text: &str) -> (Block, String) {
    let mut found = vec![];
    let mut section = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(header) = line.trim().strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let (name, between) = header.split_once(' ').unwrap_or((header, ""));
            section = (name.to_owned(), out_of_quotes(between));
        } else {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let setting = [
                section.0.clone(),
                section.1.clone(),
                key.trim().to_owned(),
                out_of_quotes(value.trim()),
            ];
            found.push((setting, line));
        }
    }
    let helper = found
        .iter()
        .find(|([_, _, key, value], _)| key == "helper" && is_ours(value));
    let helper = helper.map(|([.., value], _)| value.clone()).unwrap_or_default();
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let mut block = Block::new(host, path, &helper);
    let mut foreign = String::new();
    let mut told = None;
    for ([name, between, key, value], line) in &found {
        let is_ours = block
            .settings
            .iter()
            .any(|own| *own == [name.clone(), between.clone(), key.clone(), value.clone()]);
        if is_ours || line.trim().is_empty() {
            continue;
        }
        if told != Some((name, between)) {
            let header = if between.is_empty() {
                name.clone()
            } else {
                format!("{name} {}", in_quotes(between))
            };
            let _ = writeln!(foreign, "[{header}]");
            told = Some((name, between));
        }
        let _ = writeln!(foreign, "{line}");
    }
    // Where somebody took a line of ours out, it is written anew.
    block
        .settings
        .retain(|own| found.iter().any(|(setting, _)| setting == own));
    (block, foreign)
}

/// As git reads a value or a subsection back (git-config(1), "Syntax").
fn in_quotes(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

fn out_of_quotes(value: &str) -> String {
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let Some(bare) = bare else { return value.to_owned() };
    let mut letters = bare.chars();
    let mut value = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next()),
            _ => value.push(letter),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::{Block, Blocks};

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
            blocks.put(Block::new("github.com", "Owner", "raxx --bot x"));
            blocks.put(Block::new("github.com", "", "raxx --bot \"y\""));
            blocks.put(Block::new("github.com", "", r"raxx --bot z --path '\'"));
            // git, or a person, has added something behind it.
            let more = blocks.text() + "[credential]\n\thelper = store\n";
            let mut again = Blocks::parse(&more);
            assert_eq!(again.ours, blocks.ours);
            assert_eq!(again.ours[1].path(), "Owner");
            let end = "# end git-credential-raxx https://github.com/Owner\n";
            assert!(again.text().ends_with(end) && !again.text().contains("\"y\""));
            // An editor of another system has been there.
            let dos = Blocks::parse(&more.replace('\n', "\r\n"));
            assert_eq!(dos.ours.len(), 2);
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

    proptest::proptest! {
        #[test]
        fn a_file_of_any_text_is_left_as_it_was(text in "([^#]|# begin git-credential-raxx |# end |\\n|\\[a\\]){0,80}", path in "[A-Za-z]{0,8}(/[A-Za-z.]{1,8})?") {
            let before = Blocks::parse(&text);
            proptest::prop_assume!(before.ours.is_empty() && !path.starts_with('/'));
            let mut blocks = before.clone();
            blocks.put(Block::new("github.com", &path, "raxx --bot x"));
            let mut after = Blocks::parse(&blocks.text());
            proptest::prop_assert_eq!(&after.ours, &blocks.ours);
            after.ours.clear();
            let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            proptest::prop_assert_eq!(after.text(), format!("{text}{newline}"));
        }
    }

    #[test]
    fn what_git_has_put_into_a_block_stays() {
        let mut blocks = Blocks::parse("[user]\n\tname = x\n");
        blocks.put(Block::new("github.com", "", "raxx --bot x"));
        let text = blocks.text();
        let changed = text.replace(
            "\tsaveCookies = \"false\"\n",
            "\tsaveCookies = \"false\"\n\tproxy = http://p:1\n",
        );
        let changed = changed.replace("# end", "\tinsteadOf = gh:\n# end");
        let mut again = Blocks::parse(&changed);
        assert_eq!(again.ours, blocks.ours);
        again.ours.clear();
        let left = "[user]\n\tname = x\n[http \"https://github.com/\"]\n\tproxy = http://p:1\n[url \"https://github.com/\"]\n\tinsteadOf = gh:\n";
        assert_eq!(again.text(), left);
    }
}
