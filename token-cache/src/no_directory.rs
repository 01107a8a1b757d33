//! Where a file has no owner and mode that could be read, no directory is trusted with a token: each call mints.

use std::io;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::location::{Location, Unusable, nowhere};
use crate::lock_file::LockFile;
use crate::name::FileName;

pub(crate) const TRIES: usize = 1;

/// There is none.
#[derive(Debug)]
pub(crate) enum Directory {}

impl Directory {
    pub(crate) fn make(_: &Location) -> Result<Self, Unusable> {
        Err(nowhere())
    }

    pub(crate) fn open(_: &Location) -> Result<Option<Self>, Unusable> {
        Err(nowhere())
    }

    pub(crate) fn look(_: &Location) -> Result<(), Unusable> {
        Err(nowhere())
    }

    pub(crate) fn read(&self, _: &FileName) -> Option<Zeroizing<Vec<u8>>> {
        match *self {}
    }

    pub(crate) fn write(&self, _: &FileName, _: &[u8]) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn lock_file(&self, _: &FileName) -> io::Result<LockFile> {
        match *self {}
    }

    pub(crate) fn remove(&self, _: &FileName) {
        match *self {}
    }

    pub(crate) fn remove_if_free(&self, _: &FileName) {
        match *self {}
    }

    pub(crate) fn files(&self) -> std::iter::Empty<(FileName, i64)> {
        match *self {}
    }

    pub(crate) fn files_older_than(&self, _: i64, _: Timestamp) -> Vec<FileName> {
        match *self {}
    }
}
