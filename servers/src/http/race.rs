//! Whichever of a server's addresses answers first.

use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use plumbing::program;
use ureq::Error;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::{ConnectionDetails, Connector, TcpConnector, Transport};

use super::names::Names;

/// After so long without an answer the next address is tried beside it (RFC 8305, section 5, "Connection Attempt Delay").
const HEAD_START: Duration = Duration::from_millis(250);

/// Nothing at all would mean no limit.
const SHORTEST: Duration = Duration::from_millis(1);

/// Connects by TCP. ureq tries the addresses of a name one after the other, so that a first one that is dead, such as that of an
/// IPv6 which leads nowhere, would cost seconds with every call.
#[derive(Clone, Debug, Default)]
pub(super) struct Race(pub(super) Names);

type Outcome = Result<Option<Box<dyn Transport>>, Error>;

impl<In: Transport> Connector<In> for Race {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Outcome {
        if let Some(transport) = chained {
            return Ok(Some(transport.boxed()));
        }
        let addresses = interleaved(&details.addrs);
        if addresses.len() < 2 {
            return connect(details);
        }
        let (sender, outcomes) = mpsc::channel();
        let mut waiting = addresses.into_iter();
        let began = Instant::now();
        let mut under_way = 0;
        let mut last = None;
        loop {
            let next = waiting.next();
            if let Some(address) = next {
                if !self.start(details, address, began.elapsed(), sender.clone()) {
                    // No more threads: as ureq does it.
                    return connect(details);
                }
                under_way += 1;
            } else if under_way == 0 {
                return Err(last.unwrap_or(Error::ConnectionFailed));
            }
            let outcome = if waiting.len() > 0 {
                outcomes.recv_timeout(HEAD_START)
            } else {
                outcomes.recv().map_err(RecvTimeoutError::from)
            };
            match outcome {
                Ok(Ok(transport)) => return Ok(transport),
                Ok(Err(error)) => {
                    under_way -= 1;
                    // That this machine has no IPv6 tells nothing of the server.
                    if last.is_none() || !is_about_this_machine(&error) {
                        last = Some(error);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(last.unwrap_or(Error::ConnectionFailed)),
            }
        }
    }
}

impl Race {
    /// Tries one address on a thread of its own, which ends by itself where it comes too late.
    fn start(
        &self,
        details: &ConnectionDetails<'_>,
        address: SocketAddr,
        passed: Duration,
        outcomes: Sender<Outcome>,
    ) -> bool {
        let names = self.0.clone();
        let (uri, config) = (details.uri.clone(), details.config.clone());
        let (request_level, now, mut timeout) = (details.request_level, details.now, details.timeout);
        timeout.after = timeout.after.saturating_sub(passed).max(SHORTEST).into();
        let current_time = details.current_time.clone();
        let run_connector = details.run_connector.clone();
        let register_shutdown = details.register_shutdown.clone();
        let attempt = move || {
            let mut addrs = names.empty();
            addrs.push(address);
            let details = ConnectionDetails {
                uri: &uri,
                addrs,
                config: &config,
                request_level,
                resolver: &names,
                now,
                timeout,
                current_time,
                run_connector,
                register_shutdown,
            };
            // Nobody listens any more where another address was faster.
            let _ = outcomes.send(connect(&details));
        };
        thread::Builder::new()
            .name(program::OPTIONAL.to_owned())
            .spawn(attempt)
            .is_ok()
    }
}

fn is_about_this_machine(error: &Error) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(error, Error::Io(error) if matches!(error.kind(), Kind::NetworkUnreachable | Kind::AddrNotAvailable))
}

fn connect(details: &ConnectionDetails<'_>) -> Outcome {
    let transport = Connector::<()>::connect(&TcpConnector::default(), details, None)?;
    Ok(transport.map(Transport::boxed))
}

/// The addresses with their families in turn, in the order in which the system gave them (RFC 8305, section 4).
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let is_first_family = |address: &&SocketAddr| {
        addresses
            .first()
            .is_some_and(|first| first.is_ipv6() == address.is_ipv6())
    };
    let (mut one, mut other) = (
        addresses.iter().filter(is_first_family),
        addresses.iter().filter(|address| !is_first_family(address)),
    );
    let mut all = vec![];
    while all.len() < addresses.len() {
        all.extend(one.next());
        all.extend(other.next());
    }
    all
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::thread;
    use std::time::Duration;
    #[cfg(target_os = "linux")]
    use std::time::Instant;

    use ureq::config::Config;
    use ureq::http::Uri;
    use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
    use ureq::unversioned::transport::{Connector, NextTimeout};
    use ureq::{Agent, Error};

    use super::{Names, Race, interleaved};

    /// A name that leads to several addresses.
    #[derive(Debug)]
    struct Several(Vec<SocketAddr>);

    impl Resolver for Several {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            let mut addresses = self.empty();
            self.0.iter().for_each(|address| addresses.push(*address));
            Ok(addresses)
        }
    }

    /// An address that answers no connection: its queue is full, and nobody takes from it.
    #[cfg(target_os = "linux")]
    fn dead() -> (TcpListener, Vec<std::net::TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
        let queue = std::iter::from_fn(connect).collect();
        (listener, queue)
    }

    fn alive() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let _ = client.read(&mut [0; 1024]);
                let _ = client.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            }
        });
        address
    }

    /// Nobody listens there, whoever takes the ports that are free.
    fn refusing() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 1))
    }

    fn ask(addresses: Vec<SocketAddr>, connect_for: Duration) -> Result<u16, Error> {
        let config = Agent::config_builder().timeout_connect(Some(connect_for)).build();
        let connector = ().chain(Race(Names::default()));
        let agent = Agent::with_parts(config, connector, Several(addresses));
        agent
            .get("http://several.test/")
            .call()
            .map(|answer| answer.status().as_u16())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_first_address_that_is_dead_is_not_waited_for() {
        // One after the other, two thirds of the time would go to the first.
        const TIME: Duration = Duration::from_secs(60);
        let (listener, _queue) = dead();
        let began = Instant::now();
        let answer = ask(vec![listener.local_addr().unwrap(), alive()], TIME);
        assert_eq!(answer.unwrap(), 204);
        assert!(began.elapsed() < TIME / 3, "{:?}", began.elapsed());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn all_of_them_have_the_time_of_one() {
        const TIME: Duration = Duration::from_secs(3);
        let ((first, _queue), (second, _other)) = (dead(), dead());
        let error = ask(vec![first.local_addr().unwrap(), second.local_addr().unwrap()], TIME).unwrap_err();
        assert!(error.to_string().contains("timeout"), "{error}");
    }

    #[test]
    fn one_that_refuses_gives_way_at_once_and_the_last_failure_is_told() {
        assert_eq!(ask(vec![refusing(), alive()], Duration::from_secs(60)).unwrap(), 204);
        let error = ask(vec![refusing(), refusing()], Duration::from_secs(60)).unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
    }

    #[test]
    fn families_take_turns() {
        let of = |texts: &[&str]| {
            texts
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect::<Vec<SocketAddr>>()
        };
        let given = of(&["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"]);
        assert_eq!(
            interleaved(&given),
            of(&["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"])
        );
        let of_one_family = of(&["10.0.0.2:1", "10.0.0.1:1"]);
        assert_eq!(interleaved(&of_one_family), of_one_family);
        assert!(interleaved(&[]).is_empty());
    }
}
