//! Questions at a terminal.

use std::io::{self, BufRead};

use secrecy::SecretString;

use crate::{Code, Failure, report, text};

/// Asks for a line; Enter alone stands for `default`. An empty answer is asked for again.
///
/// # Errors
/// [`Code::Usage`] where the input ends.
pub fn ask(question: &str, default: &str) -> Result<String, Failure> {
    loop {
        let hint = match default {
            "" => String::new(),
            default => format!(" [{}]", text::escaped(default)),
        };
        report::print(&format!("{question}{hint}: "));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        if read.map_err(|error| ended().because(error))? == 0 {
            report::print("\n");
            return Err(ended());
        }
        let answer = Some(answer.trim())
            .filter(|answer| !answer.is_empty())
            .unwrap_or(default);
        if !answer.is_empty() {
            return Ok(answer.to_owned());
        }
    }
}

/// Asks for what is not to be shown. Standard input has to be a terminal.
///
/// # Errors
/// [`Code::Usage`] where the input ends, by Ctrl-C or Ctrl-D too, and on a system on which it would be shown.
pub fn ask_for_secret(question: &str) -> Result<SecretString, Failure> {
    // First, so that what is typed or pasted early is not shown either.
    let typed = hidden::read(|| report::print(&format!("{question} (not shown): ")));
    report::print("\n");
    let typed = typed.map_err(|error| ended().because(error))?.ok_or_else(ended)?;
    let text = std::str::from_utf8(&typed).map_err(|error| ended().because(error))?;
    Ok(SecretString::from(text.trim()))
}

/// Tells how it stands, in a line.
pub fn tell(words: &str) {
    report::print(&format!("{}\n", text::escaped(words)));
}

fn ended() -> Failure {
    Failure::new(Code::Usage, "the answers ended before the questions").fix("start again; nothing was changed")
}

#[cfg(unix)]
mod hidden {
    use std::io::{self, Read};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use zeroize::Zeroizing;

    /// The terminal as it was, given back at the end.
    struct Restored(Termios);

    impl Drop for Restored {
        fn drop(&mut self) {
            // Where the terminal is gone there is nothing to give back.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }

    /// A line that the terminal does not show; none where it was broken off.
    pub(super) fn read(prompt: impl FnOnce()) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        // Letter by letter, and Ctrl-C as one of them: ended by a signal, this process would leave a terminal that shows nothing.
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        let _restored = Restored(before);
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        prompt();
        // As large as it will be: what is given back for a larger one is wiped, but why leave copies.
        let mut line = Zeroizing::new(Vec::with_capacity(1024));
        let mut letter = [0];
        while io::stdin().lock().read(&mut letter)? == 1 {
            match letter {
                // Ctrl-C, Ctrl-D.
                [0x03 | 0x04] => return Ok(None),
                [b'\r' | b'\n'] => return Ok(Some(line)),
                // Backspace, Ctrl-U.
                [0x08 | 0x7f] => drop(line.pop()),
                [0x15] => line.clear(),
                [letter] => line.push(letter),
            }
        }
        Ok(None)
    }
}

#[cfg(not(unix))]
mod hidden {
    use std::io;

    use zeroize::Zeroizing;

    /// There what is typed would be shown.
    pub(super) fn read(_: impl FnOnce()) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        Err(io::Error::other(
            "on this system a secret cannot be typed unseen: pipe it in, or export its variable",
        ))
    }
}
