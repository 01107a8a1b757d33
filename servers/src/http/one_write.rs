//! A request in one write.

use std::fmt;
use std::io::{Read, Write};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, LazyBuffers, NextTimeout, Transport, TransportAdapter};
use zeroize::{Zeroize, Zeroizing};

/// A connection that sends only when an answer is waited for: ureq writes head and body apart, and each would be a
/// packet and a TLS record of its own.
pub(super) struct OneWrite {
    connection: TransportAdapter,
    buffers: LazyBuffers,
    /// Holds what the request holds.
    unsent: Zeroizing<Vec<u8>>,
}

impl OneWrite {
    pub(super) fn new(connection: Box<dyn Transport>, details: &ConnectionDetails<'_>) -> Self {
        Self {
            connection: TransportAdapter::new(connection, details.current_time.clone()),
            buffers: LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size()),
            unsent: Zeroizing::default(),
        }
    }
}

impl Transport for OneWrite {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let written = self.buffers.output().iter().take(amount);
        self.unsent.extend(written);
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.connection.set_timeout(timeout);
        if !self.unsent.is_empty() {
            self.connection.write_all(&self.unsent)?;
            self.unsent.zeroize();
        }
        let amount = self.connection.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.connection.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.get_ref().is_tls()
    }
}

impl fmt::Debug for OneWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connection.get_ref().fmt(formatter)
    }
}
