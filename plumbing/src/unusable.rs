//! A word on a field of a document that may be shown: serde's own messages quote values.

/// How an error of serde begins whose text holds nothing of the document, so that it may be shown.
pub(crate) const UNUSABLE: &str = "unusable: ";

/// What an error of serde says of a value that is not what it should be. `why` must quote nothing of it.
pub(crate) fn unusable(wanted: &str, why: &str) -> String {
    format!("{UNUSABLE}a field should hold {wanted}, and {why}")
}
