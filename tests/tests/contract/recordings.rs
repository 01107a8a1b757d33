//! Answers of real servers, as they came.

use std::path::Path;

use crate::client::Response;

/// A request to a real server, and its answer.
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
    pub(crate) answer: Response,
}

/// `### NAME`, `> METHOD URL -H HEADER… -d BODY`, and the answer as it came. Without a method it is a POST if it has a body.
pub(crate) fn recordings(folder: &str) -> Vec<Recording> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(folder);
    let mut files: Vec<_> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| recording(&std::fs::read_to_string(file).unwrap()))
        .collect()
}

fn recording(text: &str) -> Recording {
    let (name, rest) = text.split_once('\n').unwrap();
    let (request, answer) = rest.split_once('\n').unwrap();
    let (request, body) = request
        .split_once(" -d ")
        .map_or((request, None), |(head, body)| (head, Some(body)));
    let (method, request) = request.split_once("http://infisical.test").unwrap();
    let method = method.trim_start_matches('>').trim();
    let mut parts = request.split(" -H ");
    let (head, body_of_answer) = answer
        .replace('\r', "")
        .split_once("\n\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let answer = format!("{}\r\n\r\n{}", head.replace('\n', "\r\n"), body_of_answer.trim_end());
    Recording {
        name: name.trim_start_matches("### ").trim().to_owned(),
        method: match (method, &body) {
            ("", Some(_)) => "POST".to_owned(),
            ("", None) => "GET".to_owned(),
            (method, _) => method.to_owned(),
        },
        target: parts.next().unwrap().trim().to_owned(),
        headers: parts
            .map(|header| header.trim().split_once(": ").unwrap())
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        body: body.map(|body| body.trim_end().to_owned()),
        answer: Response::parse(answer.as_bytes()),
    }
}

/// Names and values, without those that depend on the moment, on the length of a secret, or on the address.
pub(crate) fn stripped_headers(response: &Response) -> Vec<(String, String)> {
    let own = |name: &str| matches!(name, "Date" | "etag" | "content-length" | "access-control-allow-origin");
    let mut headers: Vec<_> = response.headers.clone();
    for (name, value) in &mut headers {
        if own(name) {
            value.clear();
        }
    }
    headers.sort();
    headers
}
