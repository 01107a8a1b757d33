#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bots;
mod man;
mod refusals;

use std::path::{Path, PathBuf};
use std::{fs, io};

use anstyle::RgbColor;
use anstyle_svg::{Palette, Term};
use anyhow::Context;
use clap::{Command, CommandFactory, Parser, ValueHint};
use clap_complete::{Generator, Shell, generate};
use clap_complete_nushell::Nushell;

/// Write the completions, man pages and refusals of all programs
///
/// For maintainers: what it writes is kept under docs/, and a test holds it against the programs.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The folder below which `completions` and `man` are written, and in which a `runbook.md` is brought up to date
    #[arg(default_value = "docs")]
    folder: PathBuf,
    /// Instead, draw what a terminal showed, on standard input, as NAME-dark.svg and NAME-light.svg
    #[arg(long, value_name = "NAME", conflicts_with = "folder")]
    screenshot: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let Cli { folder, screenshot } = Cli::parse();
    if let Some(name) = screenshot {
        let shown = io::read_to_string(io::stdin())?.replace("\r\n", "\n");
        for (kind, term) in [("dark", Term::new()), ("light", light())] {
            let file = name.with_file_name(format!("{}-{kind}.svg", name.file_name().unwrap_or_default().display()));
            write(&file, term.render_svg(&shown).as_bytes())?;
        }
        return Ok(());
    }
    for (command, bots) in programs() {
        write_page(&folder.join("man"), &command)?;
        write_completions(&folder.join("completions"), &command, bots)?;
    }
    let runbook = folder.join("runbook.md");
    if runbook.exists() {
        let text = fs::read_to_string(&runbook)?;
        write(&runbook, refusals::put_into(&text)?.as_bytes())?;
    }
    Ok(())
}

/// A terminal with dark letters on a light ground, in colours that can be read there.
fn light() -> Term {
    let [black, red, green, yellow, grey] = [(36, 41, 47), (179, 29, 40), (17, 99, 41), (138, 77, 0), (110, 119, 129)]
        .map(|(red, green, blue)| RgbColor(red, green, blue));
    let [blue, magenta, cyan] =
        [(9, 105, 218), (130, 80, 223), (27, 124, 131)].map(|(red, green, blue)| RgbColor(red, green, blue));
    let colours = [black, red, green, yellow, blue, magenta, cyan, grey];
    let mut palette = [black; 16];
    for (place, colour) in palette.iter_mut().zip(colours.iter().cycle()) {
        *place = *colour;
    }
    Term::new()
        .palette(Palette(palette))
        .fg_color(black.into())
        .bg_color(RgbColor(246, 248, 250).into())
}

/// Where a program takes a bot's name, which is then completed.
#[derive(Clone, Copy)]
enum Bots {
    /// Nowhere.
    None,
    /// After `--bot`.
    Flag,
    /// As its first word.
    Word,
}

fn programs() -> [(Command, Bots); 10] {
    [
        (infisical_login::cli::Cli::command(), Bots::None),
        (infisical_fetch::cli::Cli::command(), Bots::Flag),
        (gh_app_jwt::cli::Cli::command(), Bots::None),
        (gh_install_token::cli::Cli::command(), Bots::None),
        (raxx_mint::cli::Cli::command(), Bots::Flag),
        (with_bot_token::cli::Cli::command(), Bots::Word),
        (git_credential_raxx::cli::Cli::command(), Bots::Flag),
        (raxx_doctor::cli::Cli::command(), Bots::Flag),
        (raxx_keychain::cli::Cli::command(), Bots::None),
        (raxx_provision::cli::Cli::command(), Bots::None),
    ]
}

fn write_page(folder: &Path, command: &Command) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    write(&folder.join(format!("{name}.1")), &man::page(command)?)?;
    // A verb has a page of its own, as git's have.
    let mut whole = command.clone();
    whole.build();
    for verb in whole.get_subcommands() {
        write_page(folder, verb)?;
    }
    Ok(())
}

/// Where a name, a scope or a URL is meant, shells would offer the files that lie about. What takes a file says so by its type.
fn without_files(command: Command) -> Command {
    let names: Vec<_> = command
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    let command = command.mut_args(|arg| {
        // Bots' names are completed by functions of our own, which are put where the generators know nothing.
        let is_bots = arg.get_long() == Some("bot");
        let is_open = arg.get_value_hint() == ValueHint::Unknown && arg.get_action().takes_values();
        if is_open && !is_bots {
            arg.value_hint(ValueHint::Other)
        } else {
            arg
        }
    });
    names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, without_files))
}

fn write_completions(folder: &Path, command: &Command, bots: Bots) -> anyhow::Result<()> {
    let command = &without_files(command.clone());
    let name = command.get_name();
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        let script = bots::complete(shell, name, bots, &generated(shell, command)?)?;
        write(&folder.join(shell.file_name(name)), script.as_bytes())?;
    }
    let script = bots::complete_in_nushell(name, bots, &generated(Nushell, command)?)?;
    write(&folder.join(Nushell.file_name(name)), script.as_bytes())
}

fn generated(shell: impl Generator, command: &Command) -> anyhow::Result<String> {
    let mut script = Vec::new();
    generate(shell, &mut command.clone(), command.get_name(), &mut script);
    Ok(String::from_utf8(script)?)
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    fs::write(path, content).with_context(|| format!("{} cannot be written", path.display()))
}
