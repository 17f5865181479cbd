/// Where a public key is, as a setting says: in a file, or right there.
enum PublicKeySource: Equatable, Sendable {
    case file(String)
    /// In PEM.
    case text(String)

    init(_ text: String) {
        guard text.utf8.starts(with: "-----BEGIN".utf8) else {
            self = .file(text)
            return
        }
        // Where a variable holds no line ends they are written `\n`.
        let hasLines = text.utf8.contains(UInt8(ascii: "\n"))
        self = .text(hasLines ? text : text.replacing("\\n", with: "\n"))
    }
}

extension SettingKind where Value == PublicKeySource {
    static var publicKey: Self {
        Self(
            "PATH|PEM", "must be a path, or a public key in PEM",
            show: { source in
                switch source {
                case .file(let path): path
                case .text: "a key in PEM"
                }
            }, parse: { PublicKeySource($0) })
    }
}
