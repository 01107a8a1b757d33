//! Text as one word of a shell.

/// As one word of a POSIX shell (POSIX, "Quoting"): within single quotes only the quote itself means anything.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Whether it is one word as it stands, in which no shell sees more than its letters.
pub fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte))
}

/// As one word of fish, where within single quotes the backslash means something too
/// (<https://fishshell.com/docs/current/language.html#quotes>).
pub fn quoted_for_fish(word: &str) -> String {
    format!("'{}'", word.replace('\\', r"\\").replace('\'', r"\'"))
}

/// As one word of PowerShell, which doubles a quote within quotes (about_Quoting_Rules).
pub fn quoted_for_powershell(word: &str) -> String {
    format!("'{}'", word.replace('\'', "''"))
}
