//! Questions at a terminal.

use std::io::{self, BufRead};

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{Code, Failure, report, text};

pub use quiet::{Quiet, Settings};

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
        let mut answer = String::new();
        let read = {
            let _shown = quiet::shown();
            report::print(&format!("{question}{hint}: "));
            io::stdin().lock().read_line(&mut answer)
        };
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

/// Forgets what was typed so far: before a question whose answer cannot be taken back, what was meant for another is no answer.
#[cfg(unix)]
pub fn forget_typed() {
    use rustix::termios::{QueueSelector, tcflush};
    // Where that is no terminal, nothing was typed.
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

/// There nothing is known of what was typed.
#[cfg(not(unix))]
pub fn forget_typed() {}

/// Asks for what is not to be shown. Standard input has to be a terminal. What cannot be text is asked for again.
///
/// # Errors
/// [`Code::Usage`] where the input ends, by Ctrl-C or Ctrl-D too, and on a system on which it would be shown.
pub fn ask_for_secret(question: &str) -> Result<SecretString, Failure> {
    loop {
        // The terminal first, so that what is typed or pasted early is not shown either.
        let typed = quiet::read_unseen(|| report::print(&format!("{question} (not shown): ")));
        report::print("\n");
        let typed = typed.map_err(|error| ended().because(error))?.ok_or_else(ended)?;
        match std::str::from_utf8(&typed) {
            Ok(text) => return Ok(SecretString::from(text.trim())),
            Err(_) => tell("That is no text: once more."),
        }
    }
}

/// Asks for lines that are not to be shown, up to one that begins so, which is the last of them.
///
/// # Errors
/// Those of [`ask_for_secret`].
pub fn ask_for_secret_lines(question: &str, last: &str) -> Result<SecretString, Failure> {
    // Over all of them: pasted, they come at once.
    let _quiet = Quiet::begin();
    report::print(&format!("{question} (not shown):\n"));
    let mut lines = Zeroizing::new(String::new());
    loop {
        let typed = quiet::read_unseen(|| ())
            .map_err(|error| ended().because(error))?
            .ok_or_else(ended)?;
        let line = std::str::from_utf8(&typed).map_err(|error| ended().because(error))?;
        lines.push_str(line);
        lines.push('\n');
        if line.trim_start().starts_with(last) {
            return Ok(SecretString::from(lines.as_str()));
        }
    }
}

/// A line that was typed already; none where there is no terminal, or no whole line was typed. What was typed of the next one is kept in
/// `begun`.
#[cfg(unix)]
pub fn typed_line(begun: &mut Vec<u8>) -> Option<String> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use std::io::IsTerminal;

    let input = io::stdin();
    if !input.is_terminal() {
        return None;
    }
    let mut asked = [PollFd::new(&input, PollFlags::IN)];
    if poll(&mut asked, Some(&Timespec::default())).is_ok_and(|ready| ready > 0) {
        // Past the buffer of standard input, which would wait for the end of a line that Ctrl-D has sent without one.
        let mut some = [0; 4096];
        let length = rustix::io::read(&input, &mut some).unwrap_or_default();
        begun.extend(some.iter().take(length));
    }
    let end = begun.iter().position(|letter| *letter == b'\n')?;
    let line: Vec<u8> = begun.drain(..=end).collect();
    Some(String::from_utf8_lossy(&line).trim().to_owned())
}

/// There a terminal cannot be asked without being waited for.
#[cfg(not(unix))]
pub fn typed_line(_: &mut Vec<u8>) -> Option<String> {
    None
}

/// Tells how it stands, in a line.
pub fn tell(words: &str) {
    report::print(&format!("{}\n", text::escaped(words)));
}

fn ended() -> Failure {
    Failure::new(Code::Usage, "input ended before every question was answered").fix("start again; nothing was changed")
}

#[cfg(unix)]
mod quiet {
    use std::io::{self, Read};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use zeroize::Zeroizing;

    /// The terminal as it was, given back at the end.
    pub(super) struct Restored(Termios);

    impl Drop for Restored {
        fn drop(&mut self) {
            // Where the terminal is gone there is nothing to give back.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }

    /// How the terminal is, to be given back by whoever ends the process in the middle of a question.
    pub struct Settings(Termios);

    impl Settings {
        /// None where standard input is no terminal.
        pub fn now() -> Option<Self> {
            tcgetattr(io::stdin()).ok().map(Self)
        }

        /// As it was then.
        pub fn restore(&self) {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }

    /// A terminal that shows nothing of what is typed, but where a question is asked whose answer may be seen: people paste more
    /// than one line, and a secret's may come before its question.
    pub struct Quiet(#[expect(dead_code, reason = "kept for its drop")] Option<Restored>);

    impl Quiet {
        /// From now on, for as long as it lives.
        #[must_use]
        pub fn begin() -> Self {
            Self(changed(|modes| *modes -= LocalModes::ECHO).ok())
        }
    }

    /// The terminal as a person expects it while a question is open.
    pub(super) fn shown() -> Option<Restored> {
        changed(|modes| *modes |= LocalModes::ECHO).ok()
    }

    fn changed(change: impl FnOnce(&mut LocalModes)) -> io::Result<Restored> {
        let before = tcgetattr(io::stdin())?;
        let mut now = before.clone();
        change(&mut now.local_modes);
        tcsetattr(io::stdin(), OptionalActions::Now, &now)?;
        Ok(Restored(before))
    }

    /// A line that the terminal does not show; none where it was broken off.
    pub(super) fn read_unseen(prompt: impl FnOnce()) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        // Letter by letter, and Ctrl-C as one of them: ended by a signal, this process would leave a terminal that shows nothing.
        let _restored = changed(|modes| *modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)?;
        prompt();
        // As large as it will be: what is given back for a larger one is wiped, but why leave copies.
        let mut line = Zeroizing::new(Vec::with_capacity(1024));
        let mut letter = [0];
        while io::stdin().lock().read(&mut letter)? == 1 {
            match letter {
                // Ctrl-C, Ctrl-D.
                [0x03 | 0x04] => return Ok(None),
                [b'\r' | b'\n'] => return Ok(Some(line)),
                // Backspace, which takes a whole letter of UTF-8; Ctrl-U.
                [0x08 | 0x7f] => while line.pop().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {},
                [0x15] => line.clear(),
                [letter] => line.push(letter),
            }
        }
        Ok(None)
    }
}

#[cfg(not(unix))]
mod quiet {
    use std::io;

    use zeroize::Zeroizing;

    /// There a terminal is as it was.
    pub struct Settings;

    impl Settings {
        /// None.
        pub fn now() -> Option<Self> {
            None
        }

        /// Nothing was changed.
        pub fn restore(&self) {}
    }

    /// There a terminal cannot be told to show nothing.
    pub struct Quiet;

    impl Quiet {
        /// Nothing changes.
        #[must_use]
        pub fn begin() -> Self {
            Self
        }
    }

    pub(super) fn shown() -> Option<Quiet> {
        None
    }

    /// There what is typed would be shown.
    pub(super) fn read_unseen(_: impl FnOnce()) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        Err(io::Error::other(
            "on this system a secret cannot be typed unseen: pipe it in, or export its variable",
        ))
    }
}
