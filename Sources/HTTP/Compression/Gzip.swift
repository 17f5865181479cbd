internal import CZlib
public import Codec
internal import Glibc

/// gzip of a whole body.
///
/// Each thread keeps one compressor (256 KiB) and resets it, for to make one takes longer than to compress a small answer.
public enum Gzip {
    /// The gzip form of `bytes`. Levels go from 1, fast, to 9, small; 6 is zlib's choice, 9 for what is made once.
    public static func compress(_ bytes: UnsafeRawBufferPointer, level: Int = 6) -> [UInt8] {
        var out = ByteWriter(capacity: 16)
        append(bytes, level: level, to: &out)
        return out.array
    }

    /// Appends the gzip form of `bytes`.
    public static func append(_ bytes: UnsafeRawBufferPointer, level: Int = 6, to out: inout ByteWriter) {
        precondition((1...9).contains(level))
        let compressor = ThreadCompressor.current
        compressor.stream.resetDeflating()
        if compressor.level != level {
            compressor.stream.setLevel(level)
            compressor.level = level
        }
        compressor.stream.deflate(bytes, flush: Z_FINISH, to: &out)
    }
}

/// A thread's compressor. It never leaves the thread that made it, and goes when the thread ends.
private final class ThreadCompressor {
    let stream = ZlibStream.deflating(level: 6, windowBits: 15 + 16, memory: 8)  // + 16: with gzip's head and check
    var level = 6

    static var current: ThreadCompressor {
        if let known = pthread_getspecific(key) { return Unmanaged<ThreadCompressor>.fromOpaque(known).takeUnretainedValue() }
        let made = ThreadCompressor()
        pthread_setspecific(key, Unmanaged.passRetained(made).toOpaque())
        return made
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key) { compressor in
            guard let compressor else { return }
            Unmanaged<ThreadCompressor>.fromOpaque(compressor).release()
        }
        precondition(code == 0, "no key for a thread's own memory is left")
        return key
    }()
}
