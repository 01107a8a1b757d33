//! What processes wait for.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

/// A word longer than this, in bytes, is not one that was left here.
const LONGEST_WORD: u64 = 1024 * 1024;

/// An open file that processes lock, and in which the one that held it last may have left a word.
#[derive(Debug)]
pub(crate) struct LockFile(pub(crate) File);

impl LockFile {
    /// Whether it has been taken away since it was opened.
    #[cfg(unix)]
    pub(crate) fn is_gone(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        self.0.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
    }

    /// No file can be where there is no directory for it.
    #[cfg(not(unix))]
    pub(crate) fn is_gone(&self) -> bool {
        false
    }

    /// What was left in it.
    pub(crate) fn word(&self) -> Vec<u8> {
        let mut word = Vec::new();
        let mut file = &self.0;
        let read = file
            .rewind()
            .and_then(|()| file.take(LONGEST_WORD).read_to_end(&mut word));
        if read.is_err() {
            word.clear();
        }
        word
    }

    /// Leaves a word in it in place of the last one.
    pub(crate) fn leave(&self, word: &[u8]) -> io::Result<()> {
        let mut file = &self.0;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(word)
    }
}
