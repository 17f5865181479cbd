import Glibc

/// The two streams a command writes to, without a buffer: what was written is out, in order, when the program ends.
enum StandardOutput: Int32 {
    case output = 1
    case error = 2

    /// Writes all of a text, and answers whether the other end took it: a full disk must not look like success.
    @discardableResult func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in writeAll(UnsafeRawBufferPointer(bytes), to: rawValue) }
    }

    var isTerminal: Bool { isatty(rawValue) == 1 }
}

/// Writes every byte, waiting for as long as the other end takes. Answers whether it took them all.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count >= 0 {
            written += count
        } else if errno == EAGAIN {
            // Somebody who shares our terminal or pipe made it non-blocking.
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&ready, 1, -1)
        } else if errno != EINTR {
            return false
        }
    }
    return true
}
