//! The checksum over what a call delivered, as `spile-checksum` defines it.

/// crc32c over each body followed by a newline.
#[derive(Debug, Default)]
pub(crate) struct BodyChecksum(u32);

impl BodyChecksum {
    pub(crate) fn add(&mut self, body: &str) {
        self.0 = crc32c::crc32c_append(self.0, body.as_bytes());
        self.0 = crc32c::crc32c_append(self.0, b"\n");
    }

    pub(crate) fn value(&self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::BodyChecksum;

    #[test]
    fn it_is_that_of_the_lines_as_one_text() {
        let mut checksum = BodyChecksum::default();
        for body in ["one", "", "three"] {
            checksum.add(body);
        }
        assert_eq!(checksum.value(), crc32c::crc32c(b"one\n\nthree\n"));
        assert_eq!(BodyChecksum::default().value(), 0);
    }
}
