import HTTP
import Web

extension Assets {
    /// What the binary embeds.
    static var embedded: Assets {
        var count = 0
        let table = web_assets(&count)
        return Assets(UnsafeBufferPointer(start: table, count: count).map(Asset.init))
    }
}

extension Asset {
    fileprivate init(_ asset: web_asset) {
        let path = String(cString: asset.path)
        let type = String(cString: asset.content_type)
        guard let known = MediaType.embedded.first(where: { $0.text.description == type }) else {
            preconditionFailure("\(path) is embedded as \(type), which nobody has said how to send")
        }
        self.init(
            path: path, type: known, tag: String(cString: asset.etag), plain: EmbeddedBytes(asset.plain, asset.plain_size),
            gzip: asset.gzip.map { EmbeddedBytes($0, asset.gzip_size) })
    }
}

extension EmbeddedBytes {
    /// The table's arrays are constants of the program.
    fileprivate init(_ start: UnsafePointer<UInt8>, _ count: Int) {
        self.init(constant: UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension MediaType {
    fileprivate static var embedded: [MediaType] { [.html, .javaScript, .css, .svg] }
}
