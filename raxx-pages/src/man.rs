//! Man pages: what clap_mangen makes of the flags, and the sections that readers of man pages look for (man-pages(7)).

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, bold, roman};

/// Where variables and exit codes are written down, for people who read no man pages.
const PIPELINE: &str = include_str!("../../docs/pipeline.md");

/// The steps and the keychain, and what each reads of the variables; the programs that are not here read all.
const STEPS: [(&str, &[&str]); 5] = [
    (
        "infisical-login",
        &[
            "INFISICAL_CLIENT",
            "INFISICAL_HOST",
            "CF_ACCESS",
            "RAXX_CONFIG",
            "SSL_CERT",
            "HTTPS_PROXY",
        ],
    ),
    (
        "infisical-fetch",
        &[
            "INFISICAL_PROJECT",
            "INFISICAL_ENV",
            "INFISICAL_PATH",
            "CF_ACCESS",
            "RAXX_CONFIG",
            "SSL_CERT",
            "HTTPS_PROXY",
        ],
    ),
    ("gh-app-jwt", &[]),
    (
        "gh-install-token",
        &["GITHUB_API_URL", "RAXX_CONFIG", "SSL_CERT", "HTTPS_PROXY"],
    ),
    ("raxx-keychain", &[]),
];
const WRAPPER: &str = "with-bot-token";
const ALL: [&str; 10] = [
    "gh-app-jwt",
    "gh-install-token",
    "git-credential-raxx",
    "infisical-fetch",
    "infisical-login",
    "raxx-doctor",
    "raxx-keychain",
    "raxx-mint",
    "raxx-provision",
    WRAPPER,
];

/// The page of a program, or of one of its verbs.
pub(crate) fn page(command: &Command) -> anyhow::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let program = ALL
        .iter()
        .filter(|program| name.starts_with(**program))
        .max_by_key(|program| program.len());
    let program = *program.unwrap_or(&name);
    let man = Man::new(command.clone())
        .source(format!("raxx-mint {}", env!("CARGO_PKG_VERSION")))
        .manual("raxx-mint");
    let mut page = vec![];
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command
        .get_after_long_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut rest = Roff::new();
    let (examples, notes): (Vec<_>, Vec<_>) = after.split("\n\n").partition(|part| part.starts_with("Example"));
    section(&mut rest, "NOTES", &notes);
    variables(&mut rest, program);
    files(&mut rest, program);
    exit_codes(&mut rest, program);
    let examples: Vec<_> = examples
        .iter()
        .filter_map(|part| part.split_once('\n'))
        .map(|(_, lines)| lines)
        .collect();
    section(&mut rest, "EXAMPLES", &examples);
    see_also(&mut rest, program);
    rest.to_writer(&mut page)?;
    Ok(page)
}

/// Paragraphs, in which lines that are indented stand as they were typed.
fn section(roff: &mut Roff, title: &str, parts: &[&str]) {
    if parts.iter().all(|part| part.trim().is_empty()) {
        return;
    }
    roff.control("SH", [title]);
    for part in parts {
        roff.control("PP", []);
        let mut is_typed = false;
        for line in part.lines() {
            if line.starts_with("  ") != is_typed {
                is_typed = !is_typed;
                roff.control(if is_typed { "nf" } else { "fi" }, []);
            }
            roff.text([roman(line)]);
        }
        if is_typed {
            roff.control("fi", []);
        }
    }
}

/// Stands for a bar that is meant, which is escaped in a table.
const BAR: &str = "\u{0}";

/// The rows of the table in `docs/pipeline.md` whose head begins so, as cells without their marks.
fn table(head: &str) -> Vec<Vec<String>> {
    let rows = PIPELINE.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cell = |text: &str| text.replace('`', "").replace(BAR, "|").trim().to_owned();
    rows.map(|row| row.replace("\\|", BAR).trim_matches('|').split('|').map(cell).collect())
        .collect()
}

fn variables(roff: &mut Roff, program: &str) {
    let own = STEPS.iter().find(|(step, _)| *step == program).map(|(_, own)| *own);
    let rows: Vec<_> = table("| variable |")
        .into_iter()
        .filter(|row| {
            let name = row.first().map_or("", String::as_str);
            let is_wrappers = name == "RAXX_REQUIRE_BOT";
            own.map_or(!is_wrappers || program == WRAPPER, |own| {
                own.iter().any(|own| name.starts_with(own))
            })
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for row in &rows {
        let cell = |at: usize| {
            row.get(at)
                .map(|cell| cell.trim_matches(['—', ' ']))
                .filter(|cell| !cell.is_empty())
        };
        let mut meaning = cell(1).unwrap_or_default().to_owned();
        if let Some(default) = cell(2) {
            meaning = format!("{meaning} [default: {default}]");
        }
        if let Some(other) = cell(3) {
            meaning = format!("{meaning}; also {other}");
        }
        roff.control("TP", []);
        roff.text([bold(cell(0).unwrap_or_default())]);
        roff.text([roman(meaning)]);
    }
    roff.control("PP", []);
    roff.text([roman(
        "Beside each variable of a secret another one with _FILE behind its name may name a file that holds it.",
    )]);
}

fn files(roff: &mut Roff, program: &str) {
    let step = STEPS.iter().find(|(step, _)| *step == program);
    // One that reads no variable reads no file either.
    if step.is_some_and(|(_, own)| own.is_empty()) {
        return;
    }
    roff.control("SH", ["FILES"]);
    roff.control("TP", []);
    roff.text([bold("$XDG_CONFIG_HOME/raxx/config.toml, ~/.config/raxx/config.toml")]);
    roff.text([roman(
        "The user's configuration: what is no secret, below the variables.",
    )]);
    roff.control("TP", []);
    roff.text([bold(".raxx.toml")]);
    roff.text([roman(
        "A repository's configuration, the nearest upwards: counts only with the content that raxx-mint allow has seen.",
    )]);
    if step.is_some_and(|_| program != "infisical-login") {
        return;
    }
    if program != "infisical-login" {
        roff.control("TP", []);
        roff.text([bold(
            "$XDG_RUNTIME_DIR/raxx-mint/, /run/user/UID/raxx-mint/, /dev/shm/raxx-mint-UID/",
        )]);
        roff.text([roman(
            "Live tokens, kept for reuse where this user alone can read them, in memory.",
        )]);
    }
    roff.control("TP", []);
    roff.text([bold("/run/user/UID/raxx-mint.login/, /tmp/raxx-mint.login-UID/")]);
    roff.text([roman(
        "Where processes that log in at once wait for one another. Nothing secret is in it.",
    )]);
}

fn exit_codes(roff: &mut Roff, program: &str) {
    roff.control("SH", ["EXIT STATUS"]);
    for row in table("| exit code |") {
        let [code, meaning] = &row[..] else { continue };
        let is_wrappers = meaning.starts_with("with-bot-token only: ");
        // The wrapper has env(1)'s, and else the command's own.
        if is_wrappers != (program == WRAPPER) {
            continue;
        }
        roff.control("TP", []);
        roff.text([bold(code.as_str())]);
        roff.text([roman(meaning.trim_start_matches("with-bot-token only: "))]);
    }
    if program == WRAPPER {
        roff.control("PP", []);
        roff.text([roman("Otherwise that of the command, or its signal.")]);
    }
}

fn see_also(roff: &mut Roff, program: &str) {
    roff.control("SH", ["SEE ALSO"]);
    let others: Vec<_> = ALL
        .iter()
        .filter(|other| **other != program)
        .map(|other| format!("{other}(1)"))
        .collect();
    roff.text([roman(others.join(", "))]);
    roff.control("PP", []);
    roff.text([roman(
        "raxx-mint docs runbook, from nothing to a bot; raxx-mint docs pipeline, documents, variables and codes.",
    )]);
}
