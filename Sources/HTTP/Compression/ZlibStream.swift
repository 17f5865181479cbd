internal import CZlib
internal import Codec

/// A zlib stream in one of its two directions, with its memory.
///
/// The `z_stream` lies on the heap because zlib keeps a pointer back to it and refuses one that has moved.
struct ZlibStream: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let end: (UnsafeMutablePointer<z_stream>?) -> Int32

    static func deflating(level: Int, windowBits: Int, memory: Int) -> ZlibStream {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let done = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, Int32(windowBits), Int32(memory), Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        precondition(done == Z_OK, "zlib has no memory, or was asked for what it cannot do")
        return ZlibStream(stream: stream, end: deflateEnd)
    }

    static func inflating(windowBits: Int) -> ZlibStream {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let done = inflateInit2_(stream, Int32(windowBits), ZLIB_VERSION, size)
        precondition(done == Z_OK, "zlib has no memory, or was asked for what it cannot do")
        return ZlibStream(stream: stream, end: inflateEnd)
    }

    private static let size = Int32(MemoryLayout<z_stream>.size)

    private init(stream: UnsafeMutablePointer<z_stream>, end: @escaping (UnsafeMutablePointer<z_stream>?) -> Int32) {
        self.stream = stream
        self.end = end
    }

    deinit {
        _ = end(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }
}

// MARK: - Deflating

extension ZlibStream {
    /// Appends what becomes of `input`, flushed as `flush` says.
    func deflate(_ input: UnsafeRawBufferPointer, flush: Int32, to out: inout ByteWriter) {
        give(input)
        // Room enough that one call does; a flush adds up to six bytes that the bound does not count.
        var room = Int(deflateBound(stream, UInt(input.count))) + 16
        repeat {
            _ = step(room: room, to: &out) { CZlib.deflate($0, flush) }
            room = 4096
        } while stream.pointee.avail_out == 0
        forget()
    }

    /// Begins anew, with the memory it has.
    func resetDeflating() { deflateReset(stream) }

    /// Changes the level. Only right after a reset.
    func setLevel(_ level: Int) { deflateParams(stream, Int32(level), Z_DEFAULT_STRATEGY) }
}

// MARK: - Inflating

extension ZlibStream {
    /// Appends what `input` inflates to, while `out` is not longer than `end`. Returns whether the last byte of `input` was also
    /// the last of a block that is marked as its stream's last.
    func inflate(_ input: UnsafeRawBufferPointer, to out: inout ByteWriter, until end: Int) throws(InflateFault) -> Bool {
        give(input)
        defer { forget() }
        // Mostly a message inflates to a few times its size; where it does not, the room doubles.
        var room = max(256, input.count * 4)
        while true {
            // One byte over the bound is asked for, to tell what is just as long from what is too long.
            let code = step(room: min(room, end - out.count + 1), to: &out) { CZlib.inflate($0, Z_SYNC_FLUSH) }
            if out.count > end { throw .tooLarge }
            switch code {
            case Z_STREAM_END:
                // Another block may follow, and point back over this one: `Keep` leaves the window as it is.
                inflateResetKeep(stream)
                if stream.pointee.avail_in == 0 { return true }
            case Z_OK, Z_BUF_ERROR:
                if stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0 { return false }
                if code == Z_BUF_ERROR && stream.pointee.avail_out > 0 { throw .corrupt }
            case Z_MEM_ERROR: preconditionFailure("zlib has no memory")
            default: throw .corrupt
            }
            if stream.pointee.avail_out == 0 { room = min(room * 2, 1 << 20) }
        }
    }

    /// Whether a block has just ended, and no bit of the next was read.
    var isBetweenBlocks: Bool { stream.pointee.data_type == 128 }

    /// Begins anew, with the memory it has.
    func resetInflating() { inflateReset(stream) }
}

// MARK: - Both

extension ZlibStream {
    private func give(_ input: UnsafeRawBufferPointer) {
        precondition(input.count <= Int(UInt32.max), "zlib counts in 32 bits")
        // zlib's interface lacks a `const`; it does not write there.
        stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(input.count)
    }

    /// One call of zlib with `room` bytes to write to, of which those it filled stay appended.
    private func step(room: Int, to out: inout ByteWriter, _ call: (UnsafeMutablePointer<z_stream>) -> Int32) -> Int32 {
        var code = Z_OK
        out.append(count: room) { buffer in
            stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(buffer.count)
            code = call(stream)
        }
        out.truncate(to: out.count - Int(stream.pointee.avail_out))
        return code
    }

    /// Leaves no pointer to memory that is somebody else's.
    private func forget() {
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
    }
}
