//! Completes the names of bots, as `raxx-mint bots` knows them; the network is never asked.
//!
//! clap's generators know flags and fixed values only, so that a function is put beside what they generate, and called
//! where a bot's name stands. What they generate is theirs to change; where it does, this says so.

use anyhow::{Context, bail};
use clap_complete::Shell;

use crate::Bots;

/// Prints the names, one a line.
const NAMES: &str = "raxx-mint bots --quiet";

pub(crate) fn complete(shell: Shell, name: &str, bots: Bots, script: &str) -> anyhow::Result<String> {
    match (shell, bots) {
        (_, Bots::None) => Ok(script.to_owned()),
        (Shell::Bash, bots) => bash(name, bots, &with_its_verbs(name, script)),
        (Shell::Zsh, bots) => zsh(name, bots, script),
        (Shell::Fish, bots) => fish(name, bots, script),
        (Shell::PowerShell, bots) => powershell(bots, script),
        (Shell::Elvish, bots) => Ok(elvish(name, bots, script)),
        (shell, _) => bail!("no completions are made for {shell}"),
    }
}

/// Puts `new` in the place of `old`, which has to be there, wherever it is: a verb has flags of its own.
fn put(script: &str, old: &str, new: &str) -> anyhow::Result<String> {
    script
        .contains(old)
        .then(|| script.replace(old, new))
        .with_context(|| format!("the generated completions hold no such part any more:\n{old}"))
}

/// clap_complete spells a program's name in two ways where it has dashes and verbs, so that no verb is ever completed.
fn with_its_verbs(name: &str, script: &str) -> String {
    script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

/// The one whose first word is git's, so that a bot is named behind a verb only.
const HELPER: &str = "git-credential-raxx";

fn bash(name: &str, bots: Bots, script: &str) -> anyhow::Result<String> {
    const FILES: &str = r#"COMPREPLY=($(compgen -f "${cur}"))"#;
    const BOTS: &str = r#"COMPREPLY=($(compgen -W "$(_raxx_bots)" -- "${cur}"))"#;
    let function = format!(
        "_raxx_bots() {{
    {NAMES} 2> /dev/null
}}

"
    );
    let script = match bots {
        Bots::Flag | Bots::None => {
            let flag = "                --bot)\n                    ";
            let script = put(script, &format!("{flag}{FILES}"), &format!("{flag}{BOTS}"))?;
            if name == HELPER {
                script
            } else {
                // Without the flag, beside verbs.
                put(
                    &script,
                    r#"compgen -W "${opts}""#,
                    r#"compgen -W "${opts} $(_raxx_bots)""#,
                )?
            }
        }
        Bots::Word => {
            let flags = "            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then\n";
            // What follows the bot's name is a command of its own, and bash-completion, where it is there, knows how to complete it.
            let after = r#"            local at bots
            bots=" $(_raxx_bots | tr '\n' ' ') "
            for (( at = 1; at < COMP_CWORD; at++ )); do
                if [[ "${bots}" == *" ${COMP_WORDS[at]} "* ]]; then
                    if declare -F _comp_command_offset > /dev/null; then
                        _comp_command_offset $(( at + 1 ))
                    elif declare -F _command_offset > /dev/null; then
                        _command_offset $(( at + 1 ))
                    elif (( COMP_CWORD == at + 1 )); then
                        COMPREPLY=($(compgen -c -- "${cur}"))
                    else
                        COMPREPLY=($(compgen -f -- "${cur}"))
                    fi
                    return 0
                fi
            done
            if [[ ${cur} == -* ]] ; then
"#;
            let script = put(script, flags, after)?;
            let end = "            COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n            return 0\n            ;;\n    esac\n";
            put(&script, end, &end.replace("\"${opts}\"", "\"$(_raxx_bots)\""))?
        }
    };
    Ok(function + &script)
}

fn zsh(name: &str, bots: Bots, script: &str) -> anyhow::Result<String> {
    let script = match bots {
        Bots::Flag | Bots::None => put_at(script, "'*--bot=[", ":NAME:_default", ":NAME:_raxx_bots")
            .or_else(|_| put_at(script, "'--bot=[", ":NAME:_default", ":NAME:_raxx_bots"))
            .and_then(|script| bare_in_zsh(name, &script))?,
        Bots::Word => {
            let line = script.lines().find(|line| line.starts_with("'*::line"));
            let line = line.context("the generated completions have no line for the bot and its command")?;
            put(
                script,
                line,
                "'1:bot:_raxx_bots' \\\n'(-)2:command:_command_names -e' \\\n'*::arguments:{ shift words; (( CURRENT-- )); _normal }' \\",
            )?
        }
    };
    let start = format!("#compdef {name}\n");
    let function = format!(
        r#"{start}
_raxx_bots() {{
    local -a bots
    bots=(${{(f)"$({NAMES} 2> /dev/null)"}})
    compadd "$@" -a bots
}}
"#
    );
    put(&script, &start, &function)
}

/// The bots that are named without a flag; where a verb may stand in their place, both are offered there.
fn bare_in_zsh(name: &str, script: &str) -> anyhow::Result<String> {
    const WITH_VERBS: &str = "'::named -- ";
    let is_bare = |line: &str| line.starts_with("'*::named -- ") || line.starts_with(WITH_VERBS);
    let script = put_in_lines(script, is_bare, |line| {
        if line.starts_with(WITH_VERBS) {
            return String::new();
        }
        line.replace(":' \\", ":_raxx_bots' \\")
    });
    let script = script.context("the generated completions have no line for bots without a flag")?;
    let verbs = format!("\":: :_{name}_commands\" \\\n");
    if name == HELPER || !script.contains(&verbs) {
        return Ok(script);
    }
    let both = format!("\":: :{{ _{name}_commands; _raxx_bots }}\" \\\n");
    // Without the line for bots the verb is the first word again.
    Ok(script.replace(&verbs, &both).replace("$line[2]", "$line[1]"))
}

/// The same within the lines that begin with `start`.
fn put_at(script: &str, start: &str, old: &str, new: &str) -> anyhow::Result<String> {
    put_in_lines(script, |line| line.starts_with(start), |line| line.replace(old, new))
        .with_context(|| format!("the generated completions have no line {start}"))
}

/// Changes the lines that `is_meant` knows; nothing where there is none, or where it is not changed.
fn put_in_lines(script: &str, is_meant: impl Fn(&str) -> bool, change: impl Fn(&str) -> String) -> Option<String> {
    let lines = script.split_inclusive('\n');
    let changed = lines.map(|line| if is_meant(line) { change(line) } else { line.to_owned() });
    let changed: String = changed.collect();
    (changed != script).then_some(changed)
}

fn fish(name: &str, bots: Bots, script: &str) -> anyhow::Result<String> {
    let function = format!("function __raxx_bots\n    {NAMES} 2>/dev/null\nend\n\n");
    Ok(match bots {
        Bots::Flag | Bots::None => {
            let start = format!("complete -c {name} ");
            let is_meant = |line: &str| line.starts_with(&start) && line.contains(" -l bot ");
            let named = put_in_lines(script, is_meant, |line| {
                format!("{} -f -a '(__raxx_bots)'\n", line.trim_end())
            });
            let named = named.context("the generated completions have no line for --bot")?;
            let bare = if name == HELPER {
                format!("complete -c {name} -n '__fish_seen_subcommand_from install' -f -a '(__raxx_bots)'\n")
            } else {
                format!("complete -c {name} -n 'not __fish_seen_subcommand_from docs' -f -a '(__raxx_bots)'\n")
            };
            format!("{function}{named}{bare}")
        }
        Bots::Word => format!(
            r"{function}function __raxx_bot_is_named
    for word in (commandline -opc)[2..]
        contains -- $word (__raxx_bots); and return 0
    end
    return 1
end

{script}complete -c {name} -n 'not __raxx_bot_is_named' -f -a '(__raxx_bots)'
complete -c {name} -n __raxx_bot_is_named -x -a '(__fish_complete_subcommand --fcs-skip=2)'
"
        ),
    })
}

fn powershell(bots: Bots, script: &str) -> anyhow::Result<String> {
    const START: &str = "    param($wordToComplete, $commandAst, $cursorPosition)\n";
    let condition = match bots {
        Bots::Flag | Bots::None => "$before[-1] -eq '--bot'",
        Bots::Word => "$before.Count -eq 1 -and -not $wordToComplete.StartsWith('-')",
    };
    let names = format!(
        r#"{START}
    $before = @($commandAst.CommandElements | ForEach-Object {{ "$_" }})
    if ($wordToComplete) {{
        $before = @($before | Select-Object -SkipLast 1)
    }}
    if ({condition}) {{
        return {NAMES} 2>$null | Where-Object {{ $_ -like "$wordToComplete*" }} | ForEach-Object {{
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
        }}
    }}
"#
    );
    put(script, START, &names)
}

fn elvish(name: &str, bots: Bots, script: &str) -> String {
    let condition = match bots {
        Bots::Flag | Bots::None => "(and (> (count $words) 2) (eq $words[-2] --bot))",
        Bots::Word => "(and (== (count $words) 2) (not (str:has-prefix $words[-1] -)))",
    };
    format!(
        r"{script}
var flags-of-{name} = $edit:completion:arg-completer[{name}]
set edit:completion:arg-completer[{name}] = {{|@words|
    if {condition} {{
        {NAMES} 2>/dev/null | from-lines
    }} else {{
        $flags-of-{name} $@words
    }}
}}
"
    )
}

pub(crate) fn complete_in_nushell(name: &str, bots: Bots, script: &str) -> anyhow::Result<String> {
    const START: &str = "module completions {\n";
    let completer = format!("nu-complete {name} bots");
    let script = match bots {
        Bots::None => return Ok(script.to_owned()),
        Bots::Flag => put(
            script,
            "    --bot: string ",
            &format!("    --bot: string@\"{completer}\" "),
        )?,
        Bots::Word => put(
            script,
            "    ...line: string ",
            &format!("    ...line: string@\"{completer}\" "),
        )?,
    };
    let function = format!(
        r#"{START}
  def "{completer}" [] {{
    {NAMES} | lines
  }}
"#
    );
    put(&script, START, &function)
}
