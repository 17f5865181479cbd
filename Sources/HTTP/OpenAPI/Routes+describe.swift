internal import Codec

extension Routes {
    /// Declares routes that give the OpenAPI document of all routes, these among them; made here and now. To be called last.
    public mutating func describe(at paths: [String], as info: OpenAPIDocument.Info) {
        func declare(_ path: String, in routes: inout Routes, _ handle: @escaping Handler) {
            routes.raw(.get, path, .open, "Describes the API in OpenAPI 3.1", gives: .json, handle)
        }
        // The document tells of its own routes too, so they are first declared in a copy that is only read.
        var described = self
        for path in paths { declare(path, in: &described) { _ in throw Refusal.notFound() } }
        let bytes = OpenAPIDocument.bytes(described.all, parameters: described.parameters, info)
        for path in paths {
            let asset = Asset(path: path, type: .json, bytes)
            declare(path, in: &self) { asset.response(to: $0) }
        }
    }
}
