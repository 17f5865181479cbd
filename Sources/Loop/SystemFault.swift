internal import CLinux
internal import Glibc

/// A system call that failed: which, and with what number.
public struct SystemFault: Error, Equatable, CustomStringConvertible {
    public let number: Int32
    public let call: String

    public init(number: Int32, call: String) {
        self.number = number
        self.call = call
    }

    public var description: String { "\(call): \(String(cString: strerror(number)))" }

    /// `result`, unless it is -1: then the thread's `errno`, thrown.
    @discardableResult
    static func check(_ result: Int32, _ call: String) throws(SystemFault) -> Int32 {
        if result < 0 { throw SystemFault(number: errno, call: call) }
        return result
    }

    /// `result`, unless it is negative: then the error whose number it is, thrown.
    @discardableResult
    static func checkNegated(_ result: Int32, _ call: String) throws(SystemFault) -> Int32 {
        if result < 0 { throw SystemFault(number: -result, call: call) }
        return result
    }
}
