internal import CUnicode
internal import Glibc

// How texts are compared that mean the same thing when somebody spells them differently: in another case, with `é` as one scalar or two,
// with a domain in its own letters or in those of the DNS.

/// What besides case makes no difference.
public enum Folding: Sendable {
    /// How a letter is put together: `é` is one scalar or two (NFC).
    case canonical
    /// That, and what only looks other: `ａ`, `𝐚` and `ⓐ` are `a` (NFKC).
    case compatible
    /// The same, taken apart into letters and marks (NFKD): for looking at letters one by one.
    case parts

    fileprivate var before: uninorm_t { self == .canonical ? martlet_nfd() : martlet_nfkd() }
    fileprivate var after: uninorm_t {
        switch self {
        case .canonical: martlet_nfc()
        case .compatible: martlet_nfkc()
        case .parts: martlet_nfkd()
        }
    }
}

extension String {
    /// The text without regard to case, and to what the folding says: two texts are the same if these are the same bytes.
    ///
    /// It may be longer: three times as many bytes, and in a form of compatibility eleven times. Its time grows with the length, and with
    /// the marks in a row, of which a text from outside has few (`CombiningMarks`).
    public func folded(_ folding: Folding) -> String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        // Once more, since a few letters fold to something that is put together, or taken apart, differently.
        guard let once = normalized(folding.before)?.caseFolded(folding.after), let twice = once.caseFolded(folding.after) else {
            return lowercased()
        }
        return twice
    }

    private func normalized(_ form: uninorm_t) -> String? {
        made { text, count, length in u8_normalize(form, text, count, nil, length) }
    }

    private func caseFolded(_ form: uninorm_t) -> String? {
        made { text, count, length in u8_casefold(text, count, nil, form, nil, length) }
    }

    /// What one of libunistring's functions makes of the text; nil when there is no memory for it.
    private func made(
        _ make: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<UInt8>?
    ) -> String? {
        var text = self
        return text.withUTF8 { text in
            guard let start = text.baseAddress, !text.isEmpty else { return "" }
            var length = 0
            guard let result = make(start, text.count, &length) else { return nil }
            defer { free(result) }
            return String(decoding: UnsafeBufferPointer(start: result, count: length), as: UTF8.self)
        }
    }

    /// A domain as the DNS spells it, in lower case: `Bücher.example` is `xn--bcher-kva.example` (IDNA 2008, with UTS #46's mapping). One
    /// that the DNS could not have is only folded.
    public var asDomainName: String {
        let isPlain = utf8.allSatisfy { $0 < 0x80 }
        if isPlain, !containsIgnoringCase("xn--") { return lowercased() }
        var result: UnsafeMutablePointer<UInt8>?
        let flags = CInt(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        guard utf8.count <= Self.longestDomain, !utf8.contains(0), idn2_lookup_u8(self, &result, flags) == IDN2_OK.rawValue, let result
        else { return folded(.canonical) }
        defer { idn2_free(result) }
        return String(cString: result).lowercased()
    }

    /// In letters of any script. The DNS itself takes 253 bytes.
    private static var longestDomain: Int { 1024 }
}
