/// The XOR that a client puts over what it sends, so that no proxy takes a payload for a request (RFC 6455 section 5.3).
enum FrameMask {
    /// Puts the mask on `bytes`, or takes it off again. `offset` is how far into its frame the first of them lies.
    static func apply(_ mask: UInt32, to bytes: UnsafeMutableRawBufferPointer, from offset: Int = 0) {
        guard mask != 0, let start = bytes.baseAddress else { return }
        // The mask as it falls on the first four bytes here; little-endian, so turning right moves to the next byte.
        let turned = UInt32(littleEndian: mask)
        let shift = UInt32(truncatingIfNeeded: offset & 3) &* 8
        let key = shift == 0 ? turned : (turned &>> shift) | (turned &<< (32 &- shift))
        let wide = (UInt64(key) &<< 32 | UInt64(key)).littleEndian

        let count = bytes.count
        var at = 0
        while at &+ 8 <= count {  // the optimiser makes whole vectors of it
            start.storeBytes(of: start.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ wide, toByteOffset: at, as: UInt64.self)
            at &+= 8
        }
        var rest = key
        while at < count {
            start.storeBytes(
                of: start.load(fromByteOffset: at, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest), toByteOffset: at, as: UInt8.self)
            rest = rest &>> 8 | rest &<< 24
            at &+= 1
        }
    }
}
