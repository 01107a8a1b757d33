//! What GitHub's clock, this machine's clock and what a server says of time can do to a token: nothing.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::script::Canned;

use crate::kept::Desk;

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

/// How far GitHub's clock is ahead of this machine's, in minutes.
const OFFSETS: [i64; 7] = [-300, -60, -20, 0, 20, 60, 300];

fn desk(minutes: i64) -> Desk {
    let desk = Desk::new();
    desk.sandbox
        .github()
        .change(|settings| settings.clock_offset = SignedDuration::from_mins(minutes));
    desk
}

fn expiry(answer: &str) -> i64 {
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("password_expiry_utc="));
    let end: i64 = line.expect("an end").parse().unwrap();
    end - Timestamp::now().as_second()
}

#[test]
fn a_token_is_reused_listed_and_handed_to_git_for_its_hour_whatever_githubs_clock_says() {
    for minutes in OFFSETS {
        let desk = desk(minutes);
        let first = desk.run(MINT).run().success();
        assert_eq!(desk.run(MINT).run().success(), first, "{minutes} min");
        assert_eq!(
            desk.run(&format!("{MINT} --min-ttl 59m")).run().success(),
            first,
            "{minutes} min"
        );
        let list = desk.run("raxx-mint --list").run().success();
        assert!(list.starts_with("raxx-dev-bot  59 min  "), "{minutes} min: {list}");
        let host = desk.sandbox.github().address();
        let helper = desk.run("git-credential-raxx --bot raxx-dev-bot get");
        let answer = helper.stdin(format!("protocol=https\nhost={host}\n\n")).run().success();
        assert!((3_500..=3_600).contains(&expiry(&answer)), "{minutes} min: {answer}");
        assert_eq!(desk.sandbox.github().live_tokens(), 1, "{minutes} min");
    }
}

#[test]
fn what_was_minted_is_revoked_whatever_githubs_clock_says() {
    for minutes in OFFSETS {
        let desk = desk(minutes);
        desk.run(MINT).run().success();
        desk.run("raxx-mint --forget --bot raxx-dev-bot").run().success();
        assert_eq!(desk.sandbox.github().live_tokens(), 0, "{minutes} min: forgotten");
        for flag in ["--revoke", "--renew"] {
            desk.run(&format!("with-bot-token {flag} raxx-dev-bot true"))
                .run()
                .success();
            assert_eq!(desk.sandbox.github().live_tokens(), 0, "{minutes} min: {flag}");
        }
    }
}

#[test]
fn a_run_that_renews_mints_once_an_hour_whatever_githubs_clock_says() {
    for minutes in OFFSETS {
        let desk = desk(minutes);
        // Longer than the shortest nap of a renewal, during which nothing may happen.
        let host = desk.sandbox.github().address();
        let script = format!(
            "printf 'protocol=https\\nhost={host}\\n\\n' | git-credential-raxx --token-file \"$GH_CONFIG_DIR\"/token.json \
             get; sleep 1"
        );
        let run = desk.run("with-bot-token --renew raxx-dev-bot sh -c").arg(&script).run();
        assert!((3_500..=3_600).contains(&expiry(&run.success())), "{minutes} min");
        let exchanges = desk.sandbox.journal().to("/access_tokens");
        let granted = exchanges.iter().filter(|entry| entry.status == 201).count();
        assert_eq!(granted, 1, "{minutes} min");
    }
}

fn granted(expires_at: &str) -> Canned {
    Canned::new(201).json(&json!({ "token": "ghs_planted", "expires_at": expires_at }))
}

fn in_minutes(minutes: i64) -> String {
    (Timestamp::now() + SignedDuration::from_mins(minutes)).to_string()
}

#[test]
fn a_date_that_is_missing_or_absurd_makes_no_difference() {
    for date in [
        None,
        Some("Thu, 01 Jan 1970 00:00:00 GMT"),
        Some("Fri, 31 Dec 9999 23:59:59 GMT"),
        Some("yesterday"),
        Some(""),
    ] {
        let desk = Desk::new();
        let answer = date.map_or(granted(&in_minutes(60)), |date| {
            granted(&in_minutes(60)).header("Date", date)
        });
        desk.sandbox.github().answer_next("/access_tokens", 9, answer);
        assert_eq!(desk.run(MINT).run().success(), "ghs_planted\n", "{date:?}");
        assert_eq!(desk.run(MINT).run().success(), "ghs_planted\n", "{date:?}");
        assert_eq!(desk.mints(), 1, "{date:?}");
    }
}

#[test]
fn a_token_that_is_none_is_refused_and_nothing_of_it_is_printed_or_run() {
    let token = |token: &str| Canned::new(201).json(&json!({ "token": token, "expires_at": in_minutes(60) }));
    let answers = [
        ("empty", token("")),
        ("two lines", token("ghs_planted\nGH_HOST=evil.test")),
        ("spaces", token("ghs_planted and more")),
        ("a bell", token("ghs_planted\u{7}")),
        ("turned around", token("ghs_planted\u{202e}")),
        ("ended", granted(&in_minutes(-1))),
        ("ended at its beginning", granted(&in_minutes(0))),
        ("ended long ago", granted("1970-01-01T00:00:00Z")),
        ("ended before time", granted("-009999-01-02T01:59:59Z")),
    ];
    for (what, answer) in answers {
        for way in [
            MINT,
            "raxx-mint --bot raxx-dev-bot --export=github-env",
            "raxx-mint --bot raxx-dev-bot --export",
            "with-bot-token raxx-dev-bot echo ran",
            "with-bot-token --renew raxx-dev-bot echo ran",
        ] {
            let desk = Desk::new();
            desk.sandbox.github().answer_next("/access_tokens", 9, answer.clone());
            let told = desk.run(way).run();
            let code = if way.starts_with("with") { 125 } else { 14 };
            assert_eq!(told.code, Some(code), "{told}");
            // A shell gets what no GitHub takes.
            assert_eq!(told.stdout.is_empty(), !way.contains("--export"), "{told}");
            assert!(!told.to_string().contains("planted"), "{what}: {told}");
            let revoked = desk.sandbox.journal().to("DELETE /installation/token").len();
            assert_eq!(
                revoked == 1,
                what.starts_with("ended"),
                "{what}: what may be live is revoked"
            );
        }
    }
}

#[test]
fn no_answer_makes_a_token_live_longer_than_an_hour() {
    for end in [in_minutes(600), "9999-12-30T21:59:59Z".to_owned()] {
        let desk = Desk::new();
        desk.sandbox.github().answer_next("/access_tokens", 9, granted(&end));
        desk.run(MINT).run().success();
        let list = desk.run("raxx-mint --list").run().success();
        assert!(list.starts_with("raxx-dev-bot  59 min"), "{end}: {list}");
    }
}

/// A kept file is written by a program of this user, but perhaps by another one, or by a clock that was wrong.
#[test]
fn a_kept_file_of_any_date_stops_nobody() {
    const DATES: [&str; 4] = [
        "-009999-01-02T01:59:59Z",
        "1970-01-01T00:00:00Z",
        "9999-12-30T21:59:59Z",
        "2026-11-23T17:04:23.987654321Z",
    ];
    for from in DATES {
        for until in DATES {
            let desk = Desk::new();
            desk.run(MINT).run().success();
            let file = desk.token_file();
            let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            kept["token"]["valid_from"] = from.into();
            kept["token"]["valid_until"] = until.into();
            kept["token"]["expires_at"] = until.into();
            std::fs::write(&file, kept.to_string()).unwrap();
            desk.run("raxx-mint --list").run().success();
            desk.run(MINT).run().success();
            std::fs::write(&file, kept.to_string()).unwrap();
            desk.run("raxx-mint --forget").run().success();
            assert!(!file.exists(), "{from} to {until}");
        }
    }
}
