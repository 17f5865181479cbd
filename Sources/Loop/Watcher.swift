internal import CLinux
internal import Glibc

/// What a descriptor is ready for, or what somebody waits for: epoll's bits.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let reading = Readiness(rawValue: 0x001)
    /// A byte that TCP calls urgent, at which one `recv` ends though more may be there.
    public static let urgent = Readiness(rawValue: 0x002)
    public static let writing = Readiness(rawValue: 0x004)
    public static let failed = Readiness(rawValue: 0x008)
    /// Both directions are gone: a reset, or a close after our own.
    public static let hungUp = Readiness(rawValue: 0x010)
    /// The peer will send no more; it may still read.
    public static let peerEnded = Readiness(rawValue: 0x2000)
    /// Told once at each change, not as long as the state lasts: one system call for a connection's whole life.
    public static let onChange = Readiness(rawValue: 1 << 31)
}

/// Somebody who waits for a descriptor. Called on the loop's thread.
public protocol Watcher: AnyObject {
    func ready(_ readiness: Readiness)
}

/// Somebody with bytes to send when the tick ends. Called on the loop's thread.
public protocol Flushable: AnyObject {
    func flush()
}

/// A place in the loop's table of descriptors.
public struct Registration: Sendable {
    public let descriptor: Int32
    let index: Int
    let generation: UInt32

    var token: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}
