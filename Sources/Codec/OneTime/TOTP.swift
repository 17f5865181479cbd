/// One-time codes from a shared secret and the time (RFC 6238), with the only parameters that every authenticator app knows: SHA-1,
/// six digits, a new code each thirty seconds.
///
/// Nothing here remembers: whoever takes a code keeps its step, and refuses a code whose step is not later than the last one's. Six
/// digits are few, so whoever takes codes must also bound the tries.
public struct TOTP: Sendable {
    /// Twenty bytes, the size that RFC 4226 recommends and apps expect.
    public static let secretSize = 20
    /// Seconds for which a code is shown.
    public static let period: Int64 = 30

    private static let digits = 6
    private let secret: [UInt8]

    public init(secret: [UInt8]) { self.secret = secret }

    /// Which thirty seconds since 1970 a moment is in.
    public static func step(at moment: Timestamp) -> Int64 { Calendar.floored(moment.seconds, period) }

    /// The code of one step, as an app shows it.
    public func code(at step: Int64) -> String { String(decoding: digits(at: step), as: UTF8.self) }

    /// The step whose code this is: the present one, or one to either side of it, for clocks that disagree and people who type slowly.
    /// Nil when it is none of theirs. Blanks do not count, since apps show them in the middle.
    ///
    /// Takes as long for a wrong code as for a right one.
    public func step(of code: String, at now: Timestamp) -> Int64? {
        let given = code.utf8.filter { $0 != UInt8(ascii: " ") }
        let present = TOTP.step(at: now)
        var found: Int64?
        // The latest last: a code that two steps happen to share must not be good twice.
        for step in present - 1...present + 1 where Secret.areEqual(given, digits(at: step)) { found = step }
        return found
    }

    /// What an authenticator app reads from a QR code.
    ///
    /// - Parameters:
    ///   - issuer: who asks for the code; the app shows it above the account. Colons are left out of both names, as the format wants.
    ///   - account: whose code it is.
    public func uri(issuer: String, account: String) -> String {
        let issuer = Percent.encode(issuer.filter { $0 != ":" })
        let account = Percent.encode(account.filter { $0 != ":" })
        return "otpauth://totp/\(issuer):\(account)?secret=\(Base32.encode(secret))&issuer=\(issuer)"
            + "&algorithm=SHA1&digits=\(TOTP.digits)&period=\(TOTP.period)"
    }

    /// RFC 4226, section 5.3: four bytes from a place that the code itself names, without their sign, and their last digits.
    private func digits(at step: Int64) -> [UInt8] {
        let code = HMACSHA1.code(of: withUnsafeBytes(of: step.bigEndian) { [UInt8]($0) }, key: secret)
        let place = Int(code[HMACSHA1.size - 1] & 15)
        var number = code[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        var text = [UInt8](repeating: 0, count: TOTP.digits)
        for at in text.indices.reversed() {
            text[at] = UInt8(ascii: "0") + UInt8(number % 10)
            number /= 10
        }
        return text
    }
}
